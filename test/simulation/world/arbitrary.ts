/** Worlds as fast-check draws and shrinks them. Flat on purpose: records of small choices, simplest first. */
import fc from 'fast-check'
import type { Action, BrowserConfig, Mishap, Pause, ServerConfig, Step, Target, Wording, World } from './types.ts'

const DAY = 86_400
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** `[how often, values]` … */
export const often = <T>(...choices: readonly (readonly [weight: number, ...values: T[]])[]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, ...values]) => ({ weight, arbitrary: fc.constantFrom(...values) })))

const pause: fc.Arbitrary<Pause> = often<Pause>(
  [6, 0, 1, 5, 20, 60],
  [6, 150, 400, 1_000, 3_000],
  [2, 12_000, 30_000, 75_000],
  [3, '66%', '67%', '30%', '100%'],
)

export const seed = fc.nat({ max: 0xffff })

export const server: fc.Arbitrary<ServerConfig> = fc.record({
  rules: oneOf('strict', 'hosted', 'default', 'v2', 'forgiving'),
  life: often([1, 5], [5, 60, 30, 240], [4, 900, 3600], [1, 30 * DAY, 400 * DAY]),
  expiry: often([5, 'both'], [2, 'jwt'], [2, 'answer', 'unknown']),
  skew: often([4, 0], [1, 2 * HOUR_MS, -2 * HOUR_MS, 3 * DAY_MS]),
  largeUser: often([7, false], [1, true]),
  equal: often([9, false], [1, true]),
})

const browser: fc.Arbitrary<BrowserConfig> = fc.record({
  storage: often([8, 'cookies'], [3, 'async'], [1, 'memory']),
  locks: often([6, 'yes'], [3, 'no'], [1, 'failing']),
  channels: often([5, true], [1, false]),
  cookieEvents: often([1, false], [1, true]),
  between: often([2, false], [1, true]),
  delay: often([3, 5], [1, 0], [2, 40]),
  latency: often([3, 60], [1, 0], [3, 400], [1, 2_500]),
  drift: often([6, 0], [1, 0.01, -0.01]),
  https: often([8, true], [1, false]),
  origins: often<1 | 2>([8, 1], [1, 2]),
  retries: often([7, 0], [1, 1, 3]),
  throws: often([9, false], [1, true]),
})

export const tab = fc.nat({ max: 5 })
export const after = fc.nat({ max: 12 })
export const span = often([2, 200, 1_500], [2, 8_000, 20_000], [1, 70_000])
const times = often([3, 1], [2, 2, 4])

export type Choice = { readonly weight: number; readonly arbitrary: fc.Arbitrary<Action> }
export const choice = <T extends Action>(
  weight: number,
  model: { [Key in keyof T]: fc.Arbitrary<T[Key]> },
): Choice => ({
  weight,
  arbitrary: fc.record(model) as unknown as fc.Arbitrary<Action>,
})
export type Of<Name extends Action['do']> =
  Extract<Action, { readonly do: Name }> extends never
    ? Extract<Action, { readonly do: unknown }>
    : Action & { readonly do: Name }
export const is = <Name extends Action['do']>(name: Name): fc.Arbitrary<Name> => fc.constant(name)

export const fault = (weight: number, mishaps: fc.Arbitrary<Mishap>): Choice =>
  choice<Omit<Of<'fault'>, 'after'> & { after: number }>(weight, {
    do: is('fault'),
    target: often<Target>([5, 'refresh'], [2, 'api'], [1, 'sign_in', 'sign_out', 'user']),
    mishap: mishaps,
    times,
    after: often([3, 0], [1, 2, 30]),
  })

/** What people and apps do. */
export const everyday: readonly Choice[] = [
  choice<Of<'open'>>(5, { do: is('open') }),
  choice<Omit<Of<'sign_in'>, 'wrong'> & { wrong: boolean }>(4, {
    do: is('sign_in'),
    tab,
    person: oneOf('ada', 'bob'),
    wrong: often([9, false], [1, true]),
  }),
  choice<Of<'sign_out'>>(3, { do: is('sign_out'), tab, scope: often([4, 'local'], [1, 'global', 'others']) }),
  choice<Of<'request'>>(10, {
    do: is('request'),
    tab,
    to: often([8, 'echo'], [1, 'always-401', 'forbidden', 'public', 'elsewhere']),
    count: oneOf(1, 3),
    body: fc.boolean(),
    limit: often([4, 0], [1, 500, 20_000]),
    abort: often<number | null>([5, null], [1, 5, 300]),
  }),
  choice<Of<'refresh'>>(3, { do: oneOf('refresh', 'token'), tab }),
  choice<Of<'wake'>>(2, { do: is('wake'), tab, reason: oneOf('visible', 'online', 'storage') }),
]

/** What goes wrong without anything being lost for good. */
export const passing: readonly Choice[] = [
  fault(4, often<Mishap>([3, 503, 500, 429], [1, 408, 409, 502], [1, 'html', 'wall', 'junk', 'drop', 'hang'])),
  choice<Of<'jump'>>(1, { do: is('jump'), by: oneOf(HOUR_MS, -HOUR_MS, 400_000, -61_000, 3 * DAY_MS) }),
  choice<Of<'expire_tokens'>>(1, { do: is('expire_tokens') }),
]

const wordings: readonly Wording[] = [
  'final gone-200',
  'final gone-404',
  'final gone-403',
  'doubt 403',
  'doubt 410',
  'doubt 422',
  'never misasked',
  'never csrf',
  'never validation',
  'never 404',
  'never empty',
  'never 451',
]

/** What comes from outside, and does no harm. */
export const strange: readonly Choice[] = [
  choice<Of<'junk'>>(1, { do: is('junk'), what: fc.nat({ max: 7 }) }),
  choice<Of<'base'>>(1, { do: is('base'), for: span }),
  choice<Omit<Of<'fault'>, 'after'>>(1, {
    do: is('fault'),
    target: often<Target>([3, 'refresh'], [1, 'sign_in', 'sign_out', 'user']),
    mishap: fc.constant<Mishap>('redirect'),
    times,
  }),
]

/** Answers to a refresh in words of all classes. */
const worded: Choice = choice<Omit<Of<'fault'>, 'after'>>(2, {
  do: is('fault'),
  target: fc.constant<Target>('refresh'),
  mishap: oneOf<Mishap>(...wordings),
  times,
})

export const network: readonly Choice[] = [
  worded,
  fault(6, oneOf<Mishap>('lost', 'silent', 'late', 'slow', 'twice', 'drop', 'hang')),
  fault(1, oneOf<Mishap>(400, 401, 403)),
  choice<Of<'offline'>>(2, { do: is('offline'), for: span }),
  choice<Of<'revoke'>>(1, { do: is('revoke') }),
]

export const tabs: readonly Choice[] = [
  choice<Of<'close'>>(5, { do: oneOf('close', 'reload'), tab, after: fc.integer({ min: -1, max: 12 }) }),
  choice<Of<'dispose'>>(2, { do: is('dispose'), tab }),
  choice<Of<'freeze'>>(5, { do: oneOf('thaw', 'freeze'), tab }),
  choice<Of<'stall'>>(5, { do: is('stall'), tab, after, for: often([4, 1, 20, 120], [2, 1_500, 15_000]) }),
  choice<Of<'cached'>>(1, { do: is('cached'), tab, for: span }),
  choice<Of<'throttle'>>(1, { do: is('throttle'), tab, on: fc.boolean() }),
  choice<Of<'sleep'>>(2, {
    do: is('sleep'),
    for: often([2, 20_000, 200_000], [1, 8 * HOUR_MS]),
    timers: oneOf('late', 'stopped'),
  }),
  choice<Of<'lock'>>(2, { do: is('lock'), steal: fc.boolean(), for: span }),
]

export const storage: readonly Choice[] = [
  choice<Of<'evict'>>(3, { do: is('evict'), what: oneOf('access', 'refresh', 'record', 'all') }),
  choice<Of<'edit'>>(2, { do: is('edit'), what: oneOf('access', 'refresh', 'record', 'old') }),
  choice<Of<'plant'>>(3, {
    do: is('plant'),
    what: oneOf('another app', 'piece', 'name', 'record', 'parent domain'),
  }),
  choice<Of<'block'>>(2, { do: is('block'), what: oneOf('writes', 'all'), for: span }),
]

/** Steps of these groups, the first of them mostly a sign-in. */
export const stepsOf = (length: number, ...groups: readonly (readonly Choice[])[]): fc.Arbitrary<Step[]> => {
  const actions = fc.oneof(...groups.flat())
  const step = fc.tuple(actions, pause).map(([action, wait]) => ({ ...action, pause: wait }) as Step)
  const first = fc.record({ do: is('sign_in'), tab: fc.constant(0), person: is2('ada'), pause: oneOf<Pause>(1_000, 0) })
  return fc
    .tuple(fc.option(first, { nil: null, freq: 9 }), fc.array(step, { maxLength: length, size: 'max' }))
    .map(([begin, rest]): Step[] => (begin ? [begin as Step, ...rest] : rest))
}

export const worldOf = (length: number, ...groups: readonly (readonly Choice[])[]): fc.Arbitrary<World> =>
  fc.record({ seed, server, browser, steps: stepsOf(length, ...groups) })
const is2 = <T>(value: T): fc.Arbitrary<T> => fc.constant(value)

/** Worlds in which some kinds of trouble happen, and others do not: what is promised depends on it. */
export const worlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 4, arbitrary: worldOf(24, everyday, passing, strange) },
  { weight: 3, arbitrary: worldOf(24, everyday, passing, network) },
  { weight: 4, arbitrary: worldOf(24, everyday, passing, tabs) },
  { weight: 2, arbitrary: worldOf(24, everyday, passing, storage) },
  { weight: 4, arbitrary: worldOf(30, everyday, passing, strange, network, tabs, storage) },
)
