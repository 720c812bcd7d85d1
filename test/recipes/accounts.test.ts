// @vitest-environment jsdom
/** Three accounts side by side in two tabs: nothing of one is seen by another. */
import { createFakeBrowser, createFakeClock, createMockAuth, type FakeTab } from 'keyturn/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Account, accountsAt } from './code/accounts.ts'

const SLOTS = ['1', '2', '3']
const STEPS = 1_000
const people = SLOTS.map((slot) => ({ email: `person-${slot}@example.test`, password: `password-of-${slot}` }))

// Cookies live by the real clock.
beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterAll(() => vi.useRealTimers())

/** A generator of numbers from 0 to 1, always the same (mulberry32). */
function createRandom(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test(`three accounts in two tabs, ${STEPS} steps at random`, async () => {
  const clock = createFakeClock({ now: Date.now(), settle: () => new Promise(setImmediate) })
  const server = createMockAuth({ clock, signing: 'none', tokenLifetime: 600, users: people })
  const base = `${server.origin}/api`
  const browser = createFakeBrowser({ clock, fetch: server.fetch })
  const openTab = () => {
    const tab: FakeTab = browser.openTab()
    return accountsAt(base, { ...tab.ports, settle: null })
  }
  const tabs = [openTab(), openTab()]
  const random = createRandom(15)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const all = () => tabs.flatMap((tab) => SLOTS.map((slot) => ({ slot, ...tab(slot) })))
  const wrong: string[] = []
  const counts: Record<string, number> = {}

  /** Whose an answer or a user is, against whose it must be. */
  const check = (what: string, slot: string, email: unknown) => {
    if (email !== undefined && email !== `person-${slot}@example.test`) wrong.push(`${what} of ${slot}: ${email}`)
  }
  const me = async ({ fetch }: Account) => {
    const answer = await fetch(`${base}/auth/me`)
    return answer.ok ? ((await answer.json()) as { email?: string }).email : undefined
  }
  const ask = (slot: string, account: Account) =>
    account.queries
      .fetchQuery({ queryKey: ['me'], queryFn: async () => (await me(account)) ?? null, retry: false })
      .then(
        (email) => check('an answer', slot, email ?? undefined),
        () => {},
      )
  const steps: Record<string, (slot: string, account: Account) => Promise<unknown>> = {
    signIn: (slot, { auth }) => auth.signIn(people[Number(slot) - 1]),
    signOut: (_, { auth }) => auth.signOut(),
    ask,
    askTwice: (slot, account) => Promise.all([ask(slot, account), ask(slot, account)]),
    refresh: (_, { auth }) => auth.refresh(),
    time: () => Promise.resolve(),
    reload: async () => {
      const index = Math.floor(random() * tabs.length)
      for (const slot of SLOTS) tabs[index]?.(slot).auth.dispose()
      tabs[index] = openTab()
    },
  }
  const names = ['signIn', 'signIn', 'signOut', 'ask', 'ask', 'askTwice', 'refresh', 'time', 'time', 'reload']

  for (let step = 0; step < STEPS; step++) {
    const slot = pick(SLOTS)
    const name = pick(names)
    counts[name] = (counts[name] ?? 0) + 1
    const under = steps[name]?.(slot, pick(tabs)(slot)).catch(() => {})
    // Some things are still under way when the next begins.
    if (random() < 0.7) await clock.advance(random() < 0.2 ? 120_000 : 300)
    else await clock.flush()
    vi.setSystemTime(clock.now())
    if (random() < 0.5) void under
    for (const { slot, auth, queries } of all()) {
      const { user } = auth.getState()
      check('the user', slot, (user as { email?: string } | null)?.email)
      check('the cache', slot, (queries.getQueryData(['me']) as string | null | undefined) ?? undefined)
    }
  }
  await clock.advance(30_000)
  expect(wrong).toEqual([])
  // All of it happened, in all slots.
  for (const name of names) expect(counts[name]).toBeGreaterThan(50)
  const owners = new Set(server.log.filter(({ call }) => call === 'refresh').map(({ userId }) => userId))
  expect(owners.size).toBe(3)
  for (const { auth } of all()) auth.dispose()
})
