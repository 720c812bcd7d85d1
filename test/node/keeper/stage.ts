/** One keeper over one fake site, new for each test, and what it has told. */
import { afterEach, beforeEach } from 'vitest'
import { createKeeper } from '../../../src/node/keeper/create-keeper.ts'
import type { Keeper, KeeperMemory, KeeperOptions, Notice, RunOutcome } from '../../../src/node/keeper/types.ts'
import { type FakeSite, fakeSite } from './fake-auth.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export let site: FakeSite
export let keeper: Keeper
export let runs: (RunOutcome | null)[]
export let notices: Notice[]

beforeEach(() => {
  site = fakeSite()
  runs = []
  notices = []
})
afterEach(async () => {
  const stopped = keeper.stop()
  await site.clock.advance(1_000)
  await stopped
})

/** Another site from now on. */
export const visit = (next: FakeSite) => {
  site = next
}

export const keep = (options: Partial<KeeperOptions> = {}) => {
  keeper = createKeeper({
    auth: site.auth,
    clock: site.clock,
    random: () => 0,
    notify: (notice) => void notices.push(notice),
    ...options,
  })
  keeper.on('run', ({ outcome }) => runs.push(outcome))
  return keeper
}
/** Where a keeper remembers beyond its process. */
export const place = () => {
  let stored: KeeperMemory | null = null
  return {
    read: () => stored,
    write(next: KeeperMemory) {
      stored = next
    },
  }
}
export const signIn = () => site.auth.signIn({})
export const told = () => notices.map(({ type }) => type)
