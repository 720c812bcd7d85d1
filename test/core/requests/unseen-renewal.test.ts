import type { Backend, Reply, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { BOTH_COOKIES, REFRESH_COOKIE, unseen, withoutAccess } from '../unseen.ts'
import { createWorld, outcome } from '../world.ts'

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
