import { AuthError, type Exchanged, type Reply } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous, deferred, gated } from '../storages.ts'
import { BOTH_COOKIES, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, outcome } from '../world.ts'

/** Two tabs of one browser, whose session is in cookies that scripts do not see. They hear nothing of each other. */
async function twoTabs(slow = false) {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const open = () => {
    const { storage } = world.browser.openTab()
    return world.open({
      backend: site.backend,
      storage: slow ? asynchronous(storage) : storage,
      ports: { openChannel: null },
    })
  }
  const [here, there] = [open(), open()]
  await Promise.all([here.auth.ready, there.auth.ready])
  const ask = (
    { auth }: typeof here,
    send: () => Promise<Reply> = async () => ({ status: 200 }),
  ): Promise<Exchanged<Reply>> => auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
  return { ...world, site, here, there, ask }
}

describe.each([
  ['at once', false],
  ['by promise', true],
])('both cookies are unseen, and the storage answers %s', (_, slow) => {
  test('a request is sent, and its answer handed out', async () => {
    const { here, ask } = await twoTabs(slow)
    await here.auth.signIn({})
    expect((await ask(here)).reply.status).toBe(200)
  })

  test('somebody else has signed in in another tab: a request of this one goes as theirs, and not for the first', async () => {
    const { here, there, ask, server, clock } = await twoTabs(slow)
    await here.auth.signIn({})
    const { sessionId } = here.auth.inspect()
    server.subject = 'bob'
    await there.auth.signIn({})
    expect(here.auth.inspect().sessionId).toBe(sessionId)
    let sent = 0
    const began: string[] = []
    const asked = outcome(
      here.auth.exchange({
        url: '/data',
        origins: ['/'],
        repeatable: true,
        began: (identity) => void began.push(identity),
        send: async () => {
          sent++
          return { status: 200 }
        },
      }),
    )
    await clock.advance(1_000)
    // It began for the first.
    expect(asked.result).toMatchObject({ code: 'session_changed' })
    expect(sent).toBe(0)
    expect(began).toEqual([`${sessionId}.`])
    expect(here.auth.inspect().sessionId).toBe(there.auth.inspect().sessionId)
    expect((await ask(here)).reply.status).toBe(200)
  })

  test('somebody else signs in in another tab while it is under way: its answer is not handed out', async () => {
    const { here, there, ask, server, clock } = await twoTabs(slow)
    await here.auth.signIn({})
    const answer = deferred<Reply>()
    const asked = outcome(ask(here, () => answer.promise))
    await clock.flush()
    server.subject = 'bob'
    await there.auth.signIn({})
    answer.resolve({ status: 200 })
    await clock.advance(1_000)
    expect(asked.result).toMatchObject({ code: 'session_changed' })
  })

  test('somebody signs out in another tab while it is under way: the same', async () => {
    const { here, there, ask, clock } = await twoTabs(slow)
    await here.auth.signIn({})
    there.tab.wake('visible')
    await clock.advance(1_000)
    const answer = deferred<Reply>()
    const asked = outcome(ask(here, () => answer.promise))
    await clock.flush()
    await there.auth.signOut()
    answer.resolve({ status: 200 })
    await clock.advance(1_000)
    expect(asked.result).toBeInstanceOf(AuthError)
    expect(here.auth.getState().status).toBe('unauthenticated')
  })

  test('what began for nobody is sent for whoever has signed in elsewhere', async () => {
    const { here, there, ask } = await twoTabs(slow)
    await there.auth.signIn({})
    expect((await ask(here)).reply.status).toBe(200)
    expect(here.auth.getState().status).toBe('authenticated')
  })

  test('the answer tells that it is for somebody else: it is not handed out', async () => {
    const { here, ask, clock } = await twoTabs(slow)
    await here.auth.signIn({})
    const asked = outcome(ask(here, async () => ({ status: 200, own: false })))
    await clock.advance(1_000)
    expect(asked.result).toMatchObject({ code: 'session_changed' })
    expect((await ask(here, async () => ({ status: 200, own: true }))).reply.status).toBe(200)
  })

  test('a renewal in another tab changes nothing for it', async () => {
    const { here, there, ask, clock } = await twoTabs(slow)
    await here.auth.signIn({})
    there.tab.wake('visible')
    await clock.advance(1_000)
    const answer = deferred<Reply>()
    const asked = ask(here, () => answer.promise)
    await clock.flush()
    await there.auth.refresh()
    answer.resolve({ status: 200 })
    await clock.advance(1_000)
    expect((await asked).reply.status).toBe(200)
  })
})

test('with the access token in memory, a tab does not repeat with its old token because another one has a new one', async () => {
  const world = createWorld()
  const site = unseen(world)
  const open = () =>
    world.open({ backend: site.backend, storage: withoutAccess(world.browser.openTab().storage), restore: 'always' })
  const [here, there] = [open(), open()]
  await here.auth.ready
  await here.auth.signIn({})
  await world.clock.advance(5_000)
  await there.auth.getAccessToken()
  await world.clock.advance(5_000)
  // The server lets go of every token that it has given so far.
  const good = world.server.count
  const ask = ({ auth }: typeof here, after = 0) =>
    auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async ({ token }) => {
        await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, after))
        const { jti } = JSON.parse(Buffer.from(`${token}`.split('.')[1] ?? '', 'base64url').toString())
        return { status: jti > good ? 200 : 401 }
      },
    })
  const asked = [here, there].flatMap((tab) => [ask(tab), ask(tab, 50), ask(tab, 500)])
  await world.clock.advance(10_000)
  expect((await Promise.all(asked)).map(({ reply }) => reply.status)).toEqual(asked.map(() => 200))
  // One for each tab, in turn.
  expect(world.server.count).toBe(good + 2)
})

test.each([
  ['is aborted', { signal: true }],
  ['has a time limit', { timeout: 300 }],
])('a storage that does not answer: a request that %s does not wait for it', async (_, how) => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const storage = gated(world.browser.openTab().storage)
  const { auth } = world.open({ backend: site.backend, storage })
  await auth.signIn({})
  storage.close('read')
  const stop = new AbortController()
  const asked = outcome(
    auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      ...('timeout' in how ? how : { signal: stop.signal }),
      send: async () => ({ status: 200 }),
    }),
  )
  await world.clock.advance(200)
  expect(asked.result).toBeUndefined()
  stop.abort()
  await world.clock.advance(100)
  expect(asked.result).toMatchObject('timeout' in how ? { code: 'timeout' } : { name: 'AbortError' })
})

test('nobody is signed in any more when the answer comes: it is known at once, and no time limit is passed', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const { auth, tab } = world.open({ backend: site.backend })
  await auth.signIn({})
  const answer = deferred<Reply>()
  const request = { url: '/data', origins: ['/'], repeatable: true, timeout: 500, send: () => answer.promise }
  const asked = outcome(auth.exchange(request))
  world.browser.setStored(null)
  tab.wake('storage')
  await world.clock.advance(490)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
  answer.resolve({ status: 200 })
  await world.clock.flush()
  expect(asked.result).toMatchObject({ code: 'session_changed' })
})

test('the answer comes after dispose(): no timer is set for it', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const storage = asynchronous(world.browser.openTab().storage)
  const { auth, tab } = world.open({ backend: site.backend, storage })
  await auth.signIn({})
  const answer = deferred<Reply>()
  const asked = outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send: () => answer.promise }))
  await world.clock.flush()
  auth.dispose()
  let timers = 0
  const { setTimeout } = tab.ports.clock
  Object.assign(tab.ports.clock, {
    setTimeout: (...given: Parameters<typeof setTimeout>) => {
      timers++
      return setTimeout(...given)
    },
  })
  answer.resolve({ status: 200 })
  await world.clock.flush()
  expect(asked.result).toBe('done')
  expect(timers).toBe(0)
})

test('requests look at a slow storage while a sign-in is to be written: nobody is signed out by what was there before', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const storage = gated(world.browser.openTab().storage)
  const { auth, names } = world.open({ backend: site.backend, storage })
  await auth.ready
  storage.close()
  const send = async () => ({ status: 200 })
  const asked = [1, 2, 3].map(() => outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })))
  await world.clock.flush()
  const entered = outcome(auth.signIn({}))
  await world.clock.flush()
  storage.open()
  await world.clock.advance(1_000)
  expect([...asked, entered].map(({ result }) => result)).toEqual(['done', 'done', 'done', 'done'])
  expect(auth.getState().status).toBe('authenticated')
  expect(names()).not.toContain('signed_out')
})

test('requests look at a slow storage while a sign-in is to be written that a sign-out elsewhere overtakes: nobody is shown', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const { key = '', ...shelf } = world.browser.openTab().storage
  const storage = gated({ ...shelf, key })
  const { auth, names } = world.open({ backend: site.backend, storage })
  const there = world.open({ backend: site.backend, ports: { lock: null } })
  await Promise.all([auth.ready, there.auth.ready])
  storage.close()
  const send = async () => ({ status: 200 })
  const ask = () => outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }))
  const asked = [ask(), ask(), ask()]
  await world.clock.flush()
  const entered = outcome(auth.signIn({}))
  await world.clock.advance(100)
  void there.auth.signOut()
  await world.clock.advance(100)
  storage.open()
  await world.clock.advance(1_000)
  expect(entered.result).toMatchObject({ code: 'session_changed' })
  expect(asked.map(({ result }) => result)).toEqual(['done', 'done', 'done'])
  expect(auth.getState().status).toBe('unauthenticated')
  expect(names()).not.toContain('signed_in')
})

test('somebody else has been let in here, and is not known yet: an answer to the one before is not handed out, and nothing is sent for her', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  const who = deferred<unknown>()
  let asked = 0
  const getUser = async () => (asked++ ? who.promise : { id: 'ada' })
  const { auth } = world.open({ backend: { ...site.backend, getUser } })
  await auth.signIn({})
  await world.clock.advance(5_000)
  let sent = 0
  const answer = deferred<Reply>()
  const send = () => {
    sent++
    return answer.promise
  }
  const ask = () => outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }))
  const first = ask()
  await world.clock.flush()
  // His cookie is there from now on.
  const entered = outcome(auth.signIn({}))
  await world.clock.advance(100)
  const second = ask()
  answer.resolve({ status: 200 })
  await world.clock.advance(100)
  expect([first.result, second.result, sent]).toEqual([undefined, undefined, 1])
  who.resolve({ id: 'bob' })
  await world.clock.advance(1_000)
  expect(entered.result).toBe('done')
  for (const { result } of [first, second]) expect(result).toMatchObject({ code: 'session_changed' })
  expect(sent).toBe(1)
})
