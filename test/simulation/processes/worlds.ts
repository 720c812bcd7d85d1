/** Worlds of processes over a sealed file, as fast-check draws and shrinks them. */
import fc from 'fast-check'
import {
  after,
  type Choice,
  choice,
  everyday,
  is,
  network,
  type Of,
  often,
  oneOf,
  passing,
  seed,
  server,
  span,
  stepsOf,
  tab,
} from '../world/arbitrary.ts'
import type { BrowserConfig, HostConfig, ServerConfig, World } from '../world/types.ts'

const HOUR_MS = 3_600_000
const one = <T>(value: T): fc.Arbitrary<T> => fc.constant(value)

const servers: fc.Arbitrary<ServerConfig> = fc
  .tuple(server, often([7, false], [1, true]))
  .map(([drawn, fixed]) => ({ ...drawn, ...(fixed && !drawn.equal && { fixed }) }))

const host: fc.Arbitrary<HostConfig> = fc.record({
  watch: often([5, 'prompt'], [2, 'late', 'lossy'], [1, 'polled']),
  keeper: often([4, 0], [1, 600_000, HOUR_MS]),
})

const surroundings: fc.Arbitrary<Omit<BrowserConfig, 'cookieEvents'>> = fc.record({
  storage: one('file'),
  locks: often([9, 'yes'], [1, 'failing']),
  channels: one(false),
  delay: often([3, 5], [1, 0], [2, 40]),
  latency: often([3, 60], [1, 0], [3, 400], [1, 2_500]),
  drift: often([6, 0], [1, 0.01, -0.01]),
  https: one(true),
  retries: often([7, 0], [1, 1, 3]),
  throws: often([9, false], [1, true]),
})

/** How processes come and go. */
const processes: readonly Choice[] = [
  choice<Of<'close'>>(8, { do: oneOf('close', 'reload'), tab, after: fc.integer({ min: -1, max: 16 }) }),
  choice<Of<'dispose'>>(1, { do: is('dispose'), tab }),
  choice<Of<'end'>>(3, { do: is('end'), tab }),
  choice<Of<'freeze'>>(5, { do: oneOf('thaw', 'freeze'), tab }),
  choice<Of<'stall'>>(4, { do: is('stall'), tab, after, for: often([4, 1, 20, 120], [2, 1_500, 15_000]) }),
  choice<Of<'sleep'>>(2, {
    do: is('sleep'),
    for: often([2, 20_000, 200_000], [1, 8 * HOUR_MS]),
    timers: oneOf('late', 'stopped'),
  }),
  choice<Of<'lock'>>(2, { do: is('lock'), steal: one(false), for: span }),
  choice<Of<'power'>>(2, { do: is('power'), for: span }),
]

const keys: readonly Choice[] = [
  choice<Of<'rotate'>>(2, { do: is('rotate'), hasty: often([5, false], [1, true]) }),
  choice<Of<'reseal'>>(2, { do: is('reseal') }),
  choice<Of<'neighbour'>>(2, { do: is('neighbour') }),
]

const file: readonly Choice[] = [
  choice<Of<'damage'>>(3, { do: is('damage'), how: oneOf('spoiled', 'torn', 'foreign', 'exposed'), for: span }),
  choice<Of<'block'>>(4, { do: is('block'), what: oneOf('writes', 'all'), for: span }),
  choice<Of<'full'>>(4, { do: is('full'), after: fc.nat({ max: 4 }), for: span }),
  choice<Of<'evict'>>(1, { do: is('evict'), what: one('all') }),
  choice<Of<'edit'>>(1, { do: is('edit'), what: one('old') }),
]

/** What writes to the file, and little else. */
const writers: readonly Choice[] = [
  choice<Of<'open'>>(2, { do: is('open') }),
  choice<Omit<Of<'sign_in'>, 'wrong'>>(4, { do: is('sign_in'), tab, person: oneOf('ada', 'bob') }),
  choice<Of<'sign_out'>>(2, { do: is('sign_out'), tab, scope: one('local') }),
  choice<Of<'refresh'>>(6, { do: is('refresh'), tab }),
]

const worldOf = (length: number, ...groups: readonly (readonly Choice[])[]): fc.Arbitrary<World> =>
  fc
    .record({ seed, server: servers, browser: surroundings, host, steps: stepsOf(length, ...groups) })
    .map((world) => ({ ...world, browser: { ...world.browser, cookieEvents: world.host.watch === 'prompt' } }))

/** Worlds in which some kinds of trouble happen, and others do not: what is promised depends on it. */
export const processWorlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 3, arbitrary: worldOf(24, everyday, passing, keys) },
  { weight: 3, arbitrary: worldOf(24, everyday, passing, network) },
  { weight: 5, arbitrary: worldOf(24, everyday, passing, processes, keys) },
  { weight: 2, arbitrary: worldOf(24, everyday, passing, file) },
  { weight: 3, arbitrary: worldOf(16, writers, file) },
  { weight: 4, arbitrary: worldOf(30, everyday, passing, network, processes, keys, file) },
)
