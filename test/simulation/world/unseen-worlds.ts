/** Worlds over sessions of which scripts do not see all: the same as the others, and some in which more crosses on the way. */
import fc from 'fast-check'
import {
  type Choice,
  choice,
  everyday,
  fault,
  is,
  network,
  type Of,
  often,
  oneOf,
  passing,
  span,
  storage,
  strange,
  tab,
  tabs,
  worldOf,
} from './arbitrary.ts'
import type { BrowserConfig, Kind, Mishap, Person, Step, World } from './types.ts'

/** What happens to cookies that scripts do not see. */
const unseenThings: readonly Choice[] = [
  choice<Of<'elsewhere'>>(2, { do: is('elsewhere'), person: often<Person | null>([2, 'ada', 'bob'], [1, null]) }),
  choice<Of<'clear'>>(1, { do: is('clear') }),
  choice<Of<'evict'>>(1, { do: is('evict'), what: oneOf('record', 'all') }),
]
/** What crosses on the way where a cookie that scripts do not see is set by each of several things. */
const crossing: readonly Choice[] = [
  choice<Of<'open'>>(3, { do: is('open') }),
  choice<Omit<Of<'sign_in'>, 'wrong'>>(5, { do: is('sign_in'), tab, person: oneOf('ada', 'bob') }),
  choice<Of<'sign_out'>>(6, { do: is('sign_out'), tab, scope: often([4, 'local'], [1, 'global']) }),
  choice<Of<'request'>>(4, {
    do: is('request'),
    tab,
    to: often([3, 'echo'], [1, 'always-401']),
    count: oneOf(1, 3),
    body: fc.boolean(),
    limit: fc.constant(0),
    abort: fc.constant(null),
  }),
  choice<Of<'refresh'>>(4, { do: is('refresh'), tab }),
  choice<Of<'offline'>>(3, { do: is('offline'), for: span }),
  fault(2, oneOf<Mishap>(503, 'lost', 'slow', 'drop')),
  choice<Of<'freeze'>>(2, { do: oneOf('thaw', 'freeze'), tab }),
  choice<Of<'close'>>(2, { do: oneOf('close', 'reload'), tab, after: fc.integer({ min: -1, max: 8 }) }),
]
/** Somebody came in by another way, and several tabs are opened at once. */
const arriving: readonly Choice[] = [
  choice<Of<'elsewhere'>>(2, { do: is('elsewhere'), person: often<Person | null>([3, 'ada'], [1, 'bob', null]) }),
  choice<Of<'open'>>(6, { do: is('open') }),
  choice<Of<'refresh'>>(1, { do: is('refresh'), tab }),
  choice<Omit<Of<'sign_in'>, 'wrong'>>(1, { do: is('sign_in'), tab, person: oneOf('ada', 'bob') }),
]
const kinds = fc.record({
  kind: often<Kind>(
    [4, 'token/cookie', 'cookie/cookie'],
    [1, 'token/access', 'cookie/access', 'token/none', 'cookie/none'],
  ),
  inPage: fc.boolean(),
  restore: oneOf<NonNullable<BrowserConfig['restore']>>('always', 'hint', 'marked'),
  whose: often([2, false], [1, true]),
  silent: often([3, false], [1, true]),
})

/** The same worlds over sessions of which scripts do not see all. */
const unseen = (length: number, ...groups: readonly (readonly Choice[])[]): fc.Arbitrary<World> =>
  fc.tuple(worldOf(length, ...groups), kinds).map(([{ server, browser, steps, ...rest }, chosen]) => {
    const { kind, inPage, restore, whose, silent } = chosen
    // Where the answer to a renewal is the cookies that it sets, 200 and `{}` is how a server says yes.
    const means = (step: Step): Step =>
      step.do === 'fault' && step.mishap === 'never empty' && kind.startsWith('cookie')
        ? { ...step, mishap: 'never 404' }
        : step
    const askable = kind.endsWith('/cookie') || kind === 'cookie/access'
    return {
      ...rest,
      steps: steps.map(means),
      server: { ...server, equal: false, kind, silent },
      browser: {
        ...browser,
        // A sign-in takes its turn by the lock, which two origins do not share: not drawn yet.
        origins: 1,
        // Tabs that share a cookie, but no storage, cannot know of each other.
        storage: browser.storage === 'memory' ? 'cookies' : browser.storage,
        inPage: inPage && kind === 'token/cookie',
        ...(askable && { restore }),
        whose: whose && kind.startsWith('cookie'),
      },
    }
  })

export const unseenWorlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 4, arbitrary: unseen(24, everyday, passing, strange) },
  { weight: 3, arbitrary: unseen(24, everyday, passing, network) },
  { weight: 4, arbitrary: unseen(24, everyday, passing, tabs) },
  { weight: 8, arbitrary: unseen(10, crossing) },
  { weight: 3, arbitrary: unseen(8, arriving) },
  { weight: 2, arbitrary: unseen(24, everyday, passing, unseenThings) },
  { weight: 4, arbitrary: unseen(30, everyday, passing, strange, network, tabs, storage, unseenThings) },
)
