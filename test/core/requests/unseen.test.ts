import { AuthError, type Backend, type Exchanged, type Reply, type TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous, deferred, gated } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, unseen, withoutAccess } from '../unseen.ts'
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

describe.each([
  ['both cookies are unseen', BOTH_COOKIES],
  ['the refresh cookie is unseen, and the access token does not tell whose it is', REFRESH_COOKIE],
])('%s', (_, kind) => {
  test('a renewal tells that the cookie is of somebody else by now: what was begun for the first is not repeated', async () => {
    const world = createWorld()
    const site = unseen(world, kind)
    const { refresh, signIn } = site.backend
    // Opaque tokens.
    const opaque = (answer: TokenAnswer): TokenAnswer => ({
      ...answer,
      accessToken: kind.access === 'token' ? `opaque-${world.server.count}` : null,
      expiresIn: 900,
    })
    Object.assign(site.backend, {
      signIn: async (...call: Parameters<typeof signIn>) => opaque(await signIn(...call)),
      refresh: async (...call: Parameters<typeof refresh>) => {
        const outcome = await refresh(...call)
        return outcome.type === 'renewed' ? { ...outcome, answer: opaque(outcome.answer) } : outcome
      },
    })
    const { auth } = world.open({ backend: site.backend })
    world.server.withUser = { id: 'ada', seen: 1 }
    await auth.signIn({})
    await world.clock.advance(5_000)
    const ask = (sent: number[]) =>
      auth.exchange({
        url: '/data',
        origins: ['/'],
        repeatable: true,
        send: async () => ({ status: sent.push(1) === 1 ? 401 : 200 }),
      })
    // The same person, of whom something else is told.
    world.server.withUser = { id: 'ada', seen: 2 }
    const own: number[] = []
    expect((await ask(own)).reply.status).toBe(200)
    await world.clock.advance(5_000)
    // Another page of the site has signed somebody in.
    world.server.withUser = { id: 'bob' }
    site.cookie = world.server.issue('bob').refreshToken
    const sent: number[] = []
    expect(await ask(sent)).toMatchObject({ reply: { status: 401 }, error: { code: 'session_changed' } })
    expect(sent).toHaveLength(1)
    expect(auth.getState().user).toEqual({ id: 'bob' })
  })
})

test('with the access token in memory, another tab is told that the cookie is of somebody else: this one lets go of its token', async () => {
  const world = createWorld()
  const site = unseen(world)
  const open = () =>
    world.open({ backend: site.backend, storage: withoutAccess(world.browser.openTab().storage), restore: 'always' })
  const [here, there] = [open(), open()]
  world.server.withUser = { id: 'ada' }
  await here.auth.signIn({})
  await world.clock.advance(5_000)
  await there.auth.getAccessToken()
  await world.clock.advance(5_000)
  // Another page of the site has signed somebody in.
  Object.assign(world.server, { withUser: { id: 'bob' }, subject: 'bob' })
  site.cookie = world.server.issue().refreshToken
  await there.auth.refresh()
  await world.clock.flush()
  expect(here.auth.getState().user).toEqual({ id: 'bob' })
  const tokens: (string | null)[] = []
  await here.auth.exchange({
    url: '/data',
    origins: ['/'],
    repeatable: true,
    send: async ({ token }) => {
      tokens.push(token)
      return { status: 200 }
    },
  })
  expect(tokens.map((token) => JSON.parse(atob(`${token}`.split('.')[1] ?? '')).sub)).toEqual(['bob'])
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

test('answers do not tell who it is: the server is asked whose the new token is, before it is used', async () => {
  const world = createWorld()
  const site = unseen(world)
  const { refresh, signIn } = site.backend
  const opaque = () => ({ accessToken: `opaque-${world.server.count}`, expiresIn: 900 })
  const backend: Backend = {
    ...site.backend,
    signIn: async (...call) => ({ ...(await signIn(...call)), ...opaque() }),
    async refresh(...call) {
      const outcome = await refresh(...call)
      return outcome.type === 'renewed' ? { ...outcome, answer: opaque() } : outcome
    },
    getUser: async (token) => ({ id: owners.get(`${token}`) }),
  }
  const owners = new Map([['opaque-1', 'ada']])
  const { auth } = world.open({ backend })
  expect(await auth.signIn({})).toEqual({ id: 'ada' })
  await world.clock.advance(5_000)
  // Another page of the site has signed somebody in.
  site.cookie = world.server.issue('bob').refreshToken
  owners.set('opaque-3', 'bob')
  const sent: (string | null)[] = []
  const asked = auth.exchange({
    url: '/data',
    origins: ['/'],
    repeatable: true,
    send: async ({ token }) => ({ status: sent.push(token) === 1 ? 401 : 200 }),
  })
  expect(await asked).toMatchObject({ reply: { status: 401 }, error: { code: 'session_changed' } })
  expect(sent).toEqual(['opaque-1'])
  expect(auth.getState().user).toEqual({ id: 'bob' })
})

test('the server tells another person where it is asked who it is: what was begun for the first is not repeated as theirs', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  let id = 'ada'
  const { auth } = world.open({ backend: { ...site.backend, getUser: async () => ({ id }) } })
  await auth.signIn({})
  await world.clock.advance(5_000)
  const answer = deferred<Reply>()
  let sent = 0
  const asked = outcome(
    auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: () => (++sent === 1 ? answer.promise : Promise.resolve({ status: 200 })),
    }),
  )
  await world.clock.flush()
  id = 'bob'
  expect(await auth.reloadUser()).toEqual({ id: 'bob' })
  answer.resolve({ status: 401 })
  await world.clock.advance(5_000)
  expect(asked.result).toMatchObject({ code: 'session_changed' })
  expect(sent).toBe(1)
})

test('a renewal tells that the cookie is another person’s by now: the answer to what was begun for the first is not handed out', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  world.server.withUser = { id: 'ada' }
  const { auth } = world.open({ backend: site.backend })
  await auth.signIn({})
  await world.clock.advance(5_000)
  const answer = deferred<Reply>()
  const asked = outcome(auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send: () => answer.promise }))
  await world.clock.flush()
  // On another page of the site, without the kit.
  world.server.withUser = { id: 'bob' }
  site.cookie = world.server.issue('bob').refreshToken
  await auth.refresh()
  expect(auth.getState().user).toEqual({ id: 'bob' })
  answer.resolve({ status: 200 })
  await world.clock.advance(5_000)
  expect(asked.result).toMatchObject({ code: 'session_changed' })
})

test('another tab has been told that the cookie is another person’s: a request of this one does not go on as theirs', async () => {
  const world = createWorld()
  const site = unseen(world, BOTH_COOKIES)
  let id = 'ada'
  const backend: Backend = { ...site.backend, getUser: async () => ({ id }) }
  const open = () => world.open({ backend, ports: { openChannel: null } })
  const [here, there] = [open(), open()]
  await here.auth.signIn({})
  there.tab.wake('visible')
  await world.clock.advance(5_000)
  id = 'bob'
  await here.auth.reloadUser()
  const asked = outcome(
    there.auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async () => ({ status: 200 }),
    }),
  )
  await world.clock.advance(1_000)
  expect(asked.result).toMatchObject({ code: 'session_changed' })
  expect(there.auth.getState().user).toEqual({ id: 'bob' })
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
