/** The small worlds that `npm run sim:all` walks through. */
import type { BrowserConfig, ServerConfig } from '../world/types.ts'
import { COMMON, type Deed, type SmallWorld } from './small-world.ts'

const SERVER: ServerConfig = { rules: 'strict', life: 60, expiry: 'both', skew: 0, largeUser: false }
const BROWSER: BrowserConfig = {
  storage: 'cookies',
  locks: 'yes',
  channels: true,
  cookieEvents: false,
  delay: 200,
  latency: 3_000,
  drift: 0,
  https: true,
}

const both = <What extends string>(...what: readonly What[]): `${'A' | 'B'} ${What}`[] =>
  what.flatMap((each) => [`A ${each}`, `B ${each}`] as const)

const DOORS: readonly Deed[] = both('ada', 'bob', 'out')
/** What people do, and a token that is refused. */
const PEOPLE: readonly Deed[] = [...DOORS, ...both('401')]
const LIVES: readonly Deed[] = both('close', 'freeze', 'thaw')
/** All that the list of pairs and triples names. Expiry is how a world begins: `due`. */
const ALL: readonly Deed[] = [...PEOPLE, ...LIVES, ...COMMON]

const BASE: Omit<SmallWorld, 'name'> = {
  server: SERVER,
  browser: BROWSER,
  tabs: 2,
  start: 'fresh',
  deeds: ALL,
  most: 2,
  swaps: 0,
}
type Change = Partial<SmallWorld>

/** The surroundings. */
const PLACES: Readonly<Record<string, Change>> = {
  'strict server': {},
  'no locks': { browser: { ...BROWSER, locks: 'no' } },
  'cookie events, no channels': { browser: { ...BROWSER, channels: false, cookieEvents: true } },
  'no locks, no channels': { browser: { ...BROWSER, locks: 'no', channels: false } },
  'slow storage': { browser: { ...BROWSER, storage: 'async' } },
  'tokens in memory': { browser: { ...BROWSER, storage: 'memory' } },
  'hosted Supabase': { server: { ...SERVER, rules: 'hosted' } },
  'opaque tokens': { server: { ...SERVER, expiry: 'answer' } },
}
const EQUAL: Change = {
  server: { ...SERVER, equal: true, life: 3_600 },
  browser: { ...BROWSER, channels: false, cookieEvents: true },
  deeds: DOORS,
}

const small = (name: string, ...changes: readonly Change[]): SmallWorld =>
  Object.assign({ ...BASE, name }, ...changes) as SmallWorld

const places = Object.entries(PLACES)

export const smallWorlds: readonly SmallWorld[] = [
  small('tokens due, pairs of all', { start: 'due' }),
  small('fresh tokens, triples of all', { most: 3 }),
  small('tokens due, triples of sign-in and sign-out', { start: 'due', deeds: DOORS, most: 3 }),
  small('tokens due, one deed, every order', { start: 'due', most: 1, swaps: null }),
  small('fresh tokens, pairs of all, every order', { swaps: null }),
  small('nobody, triples of sign-in and sign-out', { start: 'nobody', deeds: DOORS, most: 3 }),
  small('equal tokens, triples', EQUAL, { most: 3 }),
  small('equal tokens, pairs, two overtake', EQUAL, { swaps: 2 }),
  small('three tabs, tokens due, one of all', { tabs: 3, start: 'due', most: 1 }),
  small('three tabs, fresh tokens, pairs of sign-in and sign-out', { tabs: 3, deeds: [...DOORS, 'C ada', 'C out'] }),
  ...places
    .slice(1)
    .flatMap(([name, place]) => [
      small(`${name}, fresh tokens, pairs of all`, place),
      small(`${name}, tokens due, one of all, one overtakes`, place, { start: 'due', most: 1, swaps: 1 }),
    ]),
]

/** The same surroundings, quick enough for `npm test`. */
export const quickWorlds: readonly SmallWorld[] = [
  small('equal tokens, pairs', EQUAL, { deeds: ['A ada', 'A out', 'B ada', 'B bob'] }),
  small('three tabs, one of all', { tabs: 3, most: 1 }),
  small('tokens due', { start: 'due', most: 1, deeds: ['A out', 'B bob', 'clear'] }),
  ...places.flatMap(([name, place]) => [
    small(`${name}, fresh tokens`, place, { most: 1 }),
    small(`${name}, nobody`, place, { start: 'nobody', deeds: DOORS, most: 1 }),
  ]),
]
