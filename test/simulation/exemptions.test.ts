/**
 * What the invariants excuse, each with the smallest world that shows why no client could do better. The rule is in the
 * invariant; here is the proof.
 */
import { describe, expect, test } from 'vitest'
import { listening } from './world/run-world.ts'
import { createSim, type Sim } from './world/sim.ts'
import { act } from './world/steps.ts'
import { openTab } from './world/tab.ts'
import type { Action, World } from './world/types.ts'

const WORLD: World = {
  seed: 1,
  server: { rules: 'strict', life: 900, expiry: 'both', skew: 0, largeUser: false },
  browser: {
    storage: 'cookies',
    locks: 'yes',
    channels: true,
    cookieEvents: false,
    delay: 0,
    latency: 0,
    drift: 0,
    https: true,
  },
  steps: [],
}

const after = (...actions: readonly Action[]): Promise<Sim> => afterIn(WORLD, ...actions)

async function afterIn(world: World, ...actions: readonly Action[]): Promise<Sim> {
  const sim = createSim(world)
  await listening(sim, async () => {
    openTab(sim)
    for (const action of actions) {
      act(sim, action)
      await sim.pass(2_000)
    }
  })
  return sim
}
const signIn: Action = { do: 'sign_in', tab: 0, person: 'ada' }
/** The tab dies when so many more things have gone out of it. */
const dying = (count: number): Action => ({ do: 'close', tab: 0, after: count })

/** The world in which the tab died just then. */
async function first(worlds: (count: number) => Promise<Sim>, is: (sim: Sim) => boolean): Promise<Sim> {
  for (let count = 0; count < 16; count++) {
    const sim = await worlds(count)
    if (is(sim)) return sim
  }
  throw new Error('It never dies at the right moment.')
}

test('a (a refusal that a dead tab has left in storage): the others were told nothing else, and it is true', async () => {
  const sim = await first(
    (count) => after(signIn, { do: 'open' }, { do: 'revoke' }, dying(count), { do: 'refresh', tab: 0 }),
    (each) => each.open().length === 1 && each.shelf.over() && !each.shelf.pieces(),
  )
  const [other] = sim.open()
  expect(other?.auth.getState().status).toBe('authenticated')
  act(sim, { do: 'wake', tab: 0, reason: 'visible' })
  await sim.pass(2_000)
  expect(other?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  // It has asked nobody, and no message told it so.
  expect(sim.network.letters.filter(({ tab, target }) => tab === other && target === 'refresh')).toEqual([])
  expect(sim.browser.messages.filter((message) => message.endsWith('rejected'))).toEqual([])
  expect(sim.violations).toEqual([])
})

test('a (a refusal that a dead tab has left in storage, and a third tab passes on): the message is all that is left of it', async () => {
  const asleep: Action = { do: 'freeze', tab: 1 }
  const sim = await first(
    (count) => after(signIn, { do: 'open' }, asleep, { do: 'revoke' }, dying(count), { do: 'refresh', tab: 0 }),
    (each) => each.open().length === 1 && each.shelf.over() && each.shelf.pieces() > 0,
  )
  // It deletes the tokens that the dead one has left beside the record, and tells so; then the record goes as well.
  openTab(sim)
  await sim.pass(5_000)
  expect(sim.shelf.pieces()).toBe(0)
  act(sim, { do: 'evict', what: 'record' })
  act(sim, { do: 'thaw', tab: 0 })
  await sim.pass(2_000)
  expect(sim.shelf.peek()).toBeNull()
  expect(sim.open()[0]?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  expect(sim.browser.messages.filter((message) => message.endsWith('rejected'))).toHaveLength(1)
  expect(sim.violations).toEqual([])
})

test('a (what renews itself, and has run out, is refused): whichever token a tab has, the server knows none any more', async () => {
  const server = { ...WORLD.server, life: 60, expiry: 'unknown', kind: 'token/access' } as const
  const browser = { ...WORLD.browser, locks: 'no', latency: 400 } as const
  const runOut = async (seed: number) => {
    const sim = await afterIn({ ...WORLD, seed, server, browser }, signIn, { do: 'open' })
    // Each gets a token, and the one that is stored need not be the one that the server gave last.
    for (const tab of [0, 1]) act(sim, { do: 'refresh', tab })
    // Nothing tells how long it lives: it runs out unnoticed.
    await sim.pass(120_000)
    const stored = sim.ledger.find(sim.shelf.token('access'))?.order
    for (const tab of [0, 1]) act(sim, { do: 'refresh', tab })
    await sim.pass(30_000)
    for (const { auth } of sim.open())
      expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
    expect(sim.violations).toEqual([])
    return stored
  }
  const seen = new Set<number | undefined>()
  for (let seed = 0; seed < 10; seed++) seen.add(await runOut(seed))
  expect([...seen].sort()).toEqual([1, 2])
})

test('a (a sign-out of long ago, where a tab stood still in the middle of a write): its session was there again meanwhile', async () => {
  const browser = { ...WORLD.browser, storage: 'async', locks: 'no', channels: false } as const
  const stall = (after: number) => ({ do: 'stall', tab: 0, after, for: 5_000 }) as const
  const sim = await first(
    (count) =>
      afterIn(
        { ...WORLD, browser, steps: [{ ...stall(count), pause: 0 }] },
        stall(count),
        signIn,
        { do: 'open' },
        { do: 'sign_out', tab: 1, scope: 'local' },
        { do: 'open' },
        { do: 'open' },
      ),
    (each) => each.shelf.over() === false && each.shelf.token('refresh') !== null,
  )
  const [, knows, sees] = sim.open()
  act(sim, { do: 'wake', tab: 2, reason: 'visible' })
  await sim.pass(60_000)
  expect(sees?.auth.getState().status).toBe('authenticated')
  // Only the tab that has signed out knows that this is over.
  act(sim, { do: 'wake', tab: 1, reason: 'visible' })
  await sim.pass(2_000)
  act(sim, { do: 'wake', tab: 2, reason: 'visible' })
  await sim.pass(2_000)
  expect(knows?.auth.getState()).toMatchObject({ reason: 'signed_out' })
  expect(sees?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'other_tab' })
  expect(sim.violations).toEqual([])
})

test('a (a start with a record of an end counts as nobody): the tokens beside it are those of whoever signed out', async () => {
  const sim = await first(
    (count) => after(signIn, dying(count), { do: 'sign_out', tab: 0, scope: 'local' }),
    (each) => each.open().length === 0 && each.shelf.over() && !!each.shelf.token('refresh'),
  )
  const { auth } = openTab(sim)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  expect(sim.violations).toEqual([])
  // And it deletes what was left.
  await sim.pass(5_000)
  expect(sim.shelf.pieces()).toBe(0)
})

test('h (a live refresh token is asked for only if there is one): nobody has it any more, and the access token is good', async () => {
  const sim = await after(signIn, { do: 'close', tab: 0, after: -1 }, { do: 'evict', what: 'refresh' }, { do: 'open' })
  const [tab] = sim.open()
  expect(tab?.auth.getState().status).toBe('authenticated')
  expect([sim.shelf.token('refresh'), !!sim.shelf.token('access')]).toEqual([null, true])
  // The server still holds the session: what could renew it was known to storage and to the tab that is gone.
  expect(sim.mock.admin.sessions()).toMatchObject([{ live: true }])
  expect(sim.violations).toEqual([])
})

/** Where there are no refresh tokens, and a token lasts a minute. */
const short = (expiry: 'jwt' | 'answer'): World => ({
  ...WORLD,
  server: { ...WORLD.server, life: 60, expiry, equal: true },
})

test('a (an access token that has run out, where nothing renews it, ends the session): the server knows it no more', async () => {
  const sim = await afterIn(short('jwt'), signIn)
  await sim.pass(62_000)
  const [tab] = sim.open()
  expect(tab?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
  expect(sim.network.ends().every((at) => at < sim.truth.now())).toBe(true)
  expect(sim.violations).toEqual([])
})

test('a (gone from storage, where a dead tab left a token without its record): nothing had told when it would run out', async () => {
  const sim = await first(
    (count) => afterIn(short('answer'), dying(count), signIn),
    (each) => each.open().length === 0 && !!each.shelf.token('access') && !each.shelf.peek()?.record,
  )
  act(sim, { do: 'fault', target: 'user', mishap: 503, times: 4 })
  // The cookie ends with its token, which no page is told. A tab that opens a moment before that has seen it.
  await sim.pass(60_000 - (sim.truth.elapsed() - 2_000) - 400)
  const { auth } = openTab(sim)
  expect(auth.getState().status).toBe('authenticated')
  expect(auth.inspect().expiresAt).toBeNull()
  await sim.pass(2_000)
  expect(sim.shelf.peek()).toBeNull()
  act(sim, { do: 'wake', tab: 0, reason: 'visible' })
  await sim.pass(2_000)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
  expect(sim.violations).toEqual([])
})

test('h (tabs agree only where no other app’s session is stored): a tab that opens then finds nothing of this app', async () => {
  const sim = await after(
    signIn,
    { do: 'plant', what: 'another app' },
    { do: 'wake', tab: 0, reason: 'visible' },
    { do: 'open' },
  )
  const [before, later] = sim.open()
  expect(before?.auth.getState().status).toBe('authenticated')
  expect(before?.auth.inspect().persisted).toBe(false)
  expect(later?.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
  // To write over it would sign the other app out.
  expect(sim.shelf.peek()?.record?.id).toBe('another-app')
  expect(sim.violations).toEqual([])
})

test('h (a refresh token beside a session that has none): the access token beside it may be another app’s as well', async () => {
  const found = async (...actions: readonly Action[]) => {
    const world = { ...short('answer'), browser: { ...WORLD.browser, storage: 'async' } } as const
    const sim = await afterIn(world, ...actions, { do: 'open' })
    const tab = sim.open().at(-1)
    expect(sim.violations).toEqual([])
    return [tab?.auth.getState().status, sim.network.letters.some(({ bearer, tab: by }) => !!bearer && by === tab)]
  }
  const close: Action = { do: 'close', tab: 0, after: -1 }
  const senseless: Action = { do: 'plant', what: 'record' }
  // The same to whoever opens then: two tokens, and a record that tells nothing. What is not its own must not be sent.
  expect(await found(close, { do: 'plant', what: 'another app' }, senseless)).toEqual(['unauthenticated', false])
  const own = [signIn, { do: 'edit', what: 'refresh' }, close, senseless] as const
  expect(await found(...own)).toEqual(['unauthenticated', false])
})

test('h (a user is shown only where the app makes one): its own function threw, and nobody else knows the user', async () => {
  const sims = await Promise.all(
    Array.from({ length: 12 }, (_, seed) =>
      afterIn({ ...WORLD, seed, browser: { ...WORLD.browser, throws: true } }, signIn),
    ),
  )
  const without = sims.filter((sim) => {
    const state = sim.open()[0]?.auth.getState()
    return state?.status === 'authenticated' && !state.user?.id
  })
  expect(without.length).toBeGreaterThan(0)
  for (const sim of sims) expect(sim.violations).toEqual([])
})

describe('e (both cookies HttpOnly: the browser picks the cookie as it sends)', () => {
  const both = (whose: boolean): World => ({
    ...WORLD,
    server: { ...WORLD.server, kind: 'cookie/cookie' },
    browser: { ...WORLD.browser, restore: 'always', whose },
  })
  const bobElsewhere: Action = { do: 'elsewhere', person: 'bob' }
  const asked: Action = { do: 'request', tab: 0, to: 'echo', count: 1, body: false, limit: 0, abort: null }
  const last = ({ network }: Sim) => network.letters.filter(({ target }) => target === 'api').at(-1)
  const shown = (sim: Sim) => sim.open()[0]?.auth.getState().user?.email

  test('another page of the site has signed somebody in: nothing that scripts see is another than before', async () => {
    const [before, then] = [await afterIn(both(false), signIn), await afterIn(both(false), signIn, bobElsewhere)]
    expect(then.shelf.peek()).toEqual(before.shelf.peek())
    act(then, asked)
    await then.pass(2_000)
    const letter = last(then)
    // It was sent for Ada, and taken for Bob's.
    expect(letter?.errand?.as).toBe(then.mock.admin.sessions()[0]?.userId)
    expect(letter?.entry?.userId).toBe(then.mock.admin.sessions()[1]?.userId)
    expect(shown(then)).toBe('ada@example.test')
    expect(then.violations).toEqual([])
  })

  test('nothing beyond it: where the answer tells whose it is, it is not handed out', async () => {
    const sim = await afterIn(both(true), signIn, bobElsewhere, asked)
    expect(last(sim)?.entry?.userId).toBe(sim.mock.admin.sessions()[1]?.userId)
    expect(sim.timeline.text()).toContain('request fails: Somebody signed in or out')
    expect(sim.violations).toEqual([])
  })

  test('nothing beyond it: where a tab of the kit has signed him in, no answer to him is handed to her', async () => {
    const sim = await afterIn(both(false), signIn, { do: 'open' })
    act(sim, { do: 'sign_in', tab: 1, person: 'bob' })
    for (let count = 0; count < 20; count++) {
      act(sim, asked)
      await sim.pass(0)
    }
    await sim.pass(5_000)
    expect(shown(sim)).toBe('bob@example.test')
    expect(sim.violations).toEqual([])
  })

  test('and it ends with the first renewal, whose answer tells who it is', async () => {
    const sim = await afterIn(both(false), signIn, bobElsewhere, { do: 'refresh', tab: 0 })
    expect(shown(sim)).toBe('bob@example.test')
    expect(sim.violations).toEqual([])
  })
})

test('c (a sign-in and a renewal overlap, where tabs share no locks): whichever answer comes last sets the cookie', async () => {
  const kind = 'token/cookie'
  const server = { ...WORLD.server, rules: 'default', kind } as const
  const browser = { ...WORLD.browser, locks: 'no', latency: 400, restore: 'always' } as const
  const lastCookie = async (seed: number) => {
    const sim = await afterIn({ ...WORLD, seed, server, browser }, signIn, { do: 'open' })
    act(sim, { do: 'refresh', tab: 1 })
    act(sim, { do: 'sign_in', tab: 0, person: 'bob' })
    await sim.pass(2_000)
    expect(sim.violations).toEqual([])
    return sim.network.hidden.live()?.user === sim.mock.admin.sessions()[1]?.userId ? 'sign-in' : 'renewal'
  }
  const seen = new Set<string>()
  for (let seed = 0; seed < 20; seed++) seen.add(await lastCookie(seed))
  // The same calls of the same tabs: only the way of the answers differs.
  expect([...seen].sort()).toEqual(['renewal', 'sign-in'])
})

test('a (a junk message of a sign-out, where tokens had no record): a real one would say no more', async () => {
  const evict: Action = { do: 'evict', what: 'record' }
  const gone: Action = { do: 'evict', what: 'all' }
  const reason = async (...actions: readonly Action[]) => {
    const sim = createSim(WORLD)
    await listening(sim, async () => {
      openTab(sim)
      act(sim, signIn)
      await sim.pass(2_000)
      act(sim, evict)
      // It opens on tokens without a record: nobody has told it their id.
      act(sim, { do: 'open' })
      for (const action of actions) act(sim, action)
      await sim.pass(2_000)
    })
    const state = sim.tabs[1]?.auth.getState()
    return state?.status === 'unauthenticated' ? state.reason : state?.status
  }
  // The same storage and the same kind of message: one by a tab that has signed out, one by nobody.
  expect(await reason({ do: 'sign_out', tab: 0, scope: 'local' })).toBe('other_tab')
  expect(await reason(gone, { do: 'junk', what: 2 })).toBe('other_tab')
})

describe('b (what a tab finds that stood still in the middle of a write, while another one wrote)', () => {
  /** A tab signs in, and stands still when its refresh token is written, but neither its access token nor its record. */
  const half = (browser: Partial<World['browser']>, ...meanwhile: readonly Action[]): Promise<Sim> =>
    afterIn(
      { ...WORLD, browser: { ...WORLD.browser, channels: false, ...browser } },
      { do: 'open' },
      { do: 'stall', tab: 1, after: 2, for: 30_000 },
      { do: 'sign_in', tab: 1, person: 'ada' },
      ...meanwhile,
    )
  /** What it finds when it has done the rest: what is its own, and what it has never seen. */
  const finds = async (sim: Sim) => {
    const half = sim.tabs[1]
    const before = sim.network.letters.length
    await sim.pass(30_000)
    const { accessToken, refreshToken, record } = sim.shelf.peek() ?? {}
    const own = [...sim.ledger.texts()].slice(0, 2)
    expect(half?.auth.inspect().sessionId).toBe(record?.id)
    expect(sim.network.letters).toHaveLength(before)
    return [accessToken, refreshToken].map((token) => own.includes(`${token}`))
  }
  const renewals = ({ network }: Sim) =>
    network.letters.flatMap(({ target, entry }) => (target === 'refresh' ? [entry?.code ?? 'renewed'] : []))
  const SPENT = 'refresh_token_already_used'
  const ITS_OWN_ACCESS_TOKEN_ALONE = [true, false]

  test('a renewal of its session by another tab, which has gone: it must take it, or it sends what is spent', async () => {
    const sim = await half({}, { do: 'wake', tab: 0, reason: 'visible' }, { do: 'close', tab: 0, after: -1 })
    expect(await finds(sim)).toEqual(ITS_OWN_ACCESS_TOKEN_ALONE)
    act(sim, { do: 'refresh', tab: 0 })
    await sim.pass(2_000)
    expect(renewals(sim)).toEqual(['renewed', 'renewed'])
    expect(sim.violations).toEqual([])
  })

  test('a sign-in of another tab, which is frozen: it takes and renews what that one will send again', async () => {
    const sim = await half({}, { do: 'sign_in', tab: 0, person: 'ada' }, { do: 'freeze', tab: 0 })
    expect(await finds(sim)).toEqual(ITS_OWN_ACCESS_TOKEN_ALONE)
    act(sim, { do: 'refresh', tab: 1 })
    await sim.pass(2_000)
    act(sim, { do: 'thaw', tab: 0 })
    act(sim, { do: 'wake', tab: 0, reason: 'visible' })
    act(sim, { do: 'refresh', tab: 0 })
    await sim.pass(10_000)
    expect(renewals(sim)).toContain(SPENT)
    expect(sim.trouble.has('torn write')).toBe(true)
    expect(sim.violations).toEqual([])
  })
})
