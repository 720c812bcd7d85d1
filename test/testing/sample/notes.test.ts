import {
  type AuthMatchers,
  authMatchers,
  createMockAuth,
  createTestAuth,
  type MockAuth,
  mswHandlers,
  resetAuth,
} from 'keyturn/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { api, auth as appAuth, backend, createNotes, type Login, speaks } from './app.ts'

declare module 'vitest' {
  interface Matchers<T> extends AuthMatchers<T> {}
}
expect.extend(authMatchers)

const users = ['Ada', 'Grace'].map((name) => ({
  email: `${name.toLowerCase()}@example.test`,
  password: `${name}-secret`,
  data: { name },
}))
const ADA: Login = { login: 'ada@example.test', secret: 'Ada-secret' }
const GRACE: Login = { login: 'grace@example.test', secret: 'Grace-secret' }
/** The mock speaks as the app's server does: sign-in by `login` and `secret`, people with a name. */
const rest = {
  ...speaks,
  bodies: {
    ...speaks.bodies,
    signIn: ({ email, password }: { email: string; password: string }) =>
      speaks.bodies.signIn({ login: email, secret: password }),
  },
  user: ({ id, data }: { id: string; data: Readonly<Record<string, unknown>> }) => ({ id, name: data.name }),
}
/** The app's own API: notes of whoever asks. */
const notes = async (request: Request, server: MockAuth): Promise<Response> => {
  const { user, refusal } = await server.authenticate(request)
  if (!user) return refusal
  return Response.json([`a note of ${user.data.name}`, ...(request.method === 'POST' ? [await request.text()] : [])])
}
const open: { dispose(): void }[] = []
afterEach(() => open.splice(0).forEach((each) => void each.dispose()))
const start = async (credentials: Login | null = ADA, tokenLifetime = 3600) => {
  const world = await createTestAuth({ backend, credentials, api: notes, server: { users, rest, tokenLifetime } })
  open.push(world)
  return { ...world, notes: createNotes(world.auth) }
}

describe('who is signed in', () => {
  test('somebody, from the start', async () => expect((await start()).auth).toBeSignedIn({ name: 'Ada' }))
  test('nobody, if so wanted', async () => expect((await start(null)).auth).toBeSignedOut('none'))
  test('whoever signs in', async () => {
    const { auth } = await start(null)
    await auth.signIn(GRACE)
    expect(auth).toBeSignedIn({ name: 'Grace' })
  })
  test('nobody with a wrong password, in the words of the server', async () => {
    const { auth } = await start(null)
    await expect(auth.signIn({ ...ADA, secret: 'wrong' })).rejects.toMatchObject({
      code: 'credentials_rejected',
      message: 'Invalid email or password',
    })
    expect(auth).toBeSignedOut('none')
  })
  test('the notes are those of the person', async () =>
    expect(await (await start()).notes.list()).toEqual(['a note of Ada']))
  test('a note is added', async () =>
    expect(await (await start()).notes.add('hello')).toEqual(['a note of Ada', 'hello']))
  test('nobody gets no notes', async () =>
    await expect((await start(null)).notes.list()).rejects.toMatchObject({ status: 401 }))
  test('the user is asked for again', async () =>
    expect(await (await start()).auth.reloadUser()).toMatchObject({ name: 'Ada' }))
})

describe('time', () => {
  test('half an hour: nothing is renewed', async () => {
    const { advance, server } = await start()
    await advance('30m')
    expect(server).toHaveRefreshed(0)
  })
  test('55 minutes: renewed once, before anybody asks', async () => {
    const { advance, server, notes } = await start()
    await advance('55m')
    expect(server).toHaveRefreshed()
    expect(await notes.list()).toHaveLength(1)
  })
  test('a day: renewed again and again', async () => {
    const { advance, auth, server } = await start()
    await advance('1d')
    expect(server.count('refresh')).toBeGreaterThan(20)
    expect(auth).toBeSignedIn()
  })
  test('tokens of a minute are renewed in time', async () => {
    const { advance, server, notes } = await start(ADA, 60)
    await advance('50s')
    expect(server).toHaveRefreshed()
    await notes.list()
    expect(server.log.filter(({ status }) => status === 401)).toEqual([])
  })
  test('after a night of sleep the first request renews', async () => {
    const { clock, server, notes } = await start()
    clock.jump(8 * 3_600_000)
    expect(await notes.list()).toEqual(['a note of Ada'])
    expect(server).toHaveRefreshed()
  })
  test('a time that is none is told', async () =>
    await expect((await start()).advance('soon').catch((e) => e.message)).resolves.toContain("'55m'"))
})

describe('401', () => {
  test('one refresh, and the request has its answer', async () => {
    const { advance, server, notes } = await start()
    await advance('2s')
    server.admin.expireAccessTokens()
    expect(await notes.list()).toEqual(['a note of Ada'])
    expect(server).toHaveRefreshed()
  })
  test('ten requests, one refresh', async () => {
    const { advance, server, notes } = await start()
    await advance('2s')
    server.admin.expireAccessTokens()
    expect(await Promise.all(Array.from({ length: 10 }, () => notes.list()))).toHaveLength(10)
    expect(server).toHaveRefreshed()
  })
})

describe('trouble', () => {
  test.each([
    ['503', { type: 'status', status: 503 }],
    ['a web page', { type: 'html' }],
    ['no network', { type: 'drop' }],
    ['too many requests', { type: 'status', status: 429, headers: { 'Retry-After': '30' } }],
    ['no answer', { type: 'hang' }],
  ] as const)('%s for a while: signed in all the time, and renewed afterwards', async (_, fault) => {
    const { advance, auth, server } = await start()
    server.faults.always('refresh', fault)
    await advance('70m')
    expect(auth).toBeSignedIn({ name: 'Ada' })
    expect(auth.getState().problem).toMatchObject({ code: 'unavailable' })
    server.faults.clear()
    await advance('10m')
    expect(auth.getState().problem).toBeNull()
  })
})

describe('the end', () => {
  test('the server ends the session', async () => {
    const { advance, auth, server } = await start()
    server.admin.revokeSessions()
    await advance('60m')
    expect(auth).toBeSignedOut('rejected')
  })
  test('signing out tells the server', async () => {
    const { auth, server } = await start()
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(server.admin.sessions()[0]?.ended?.why).toBe('signed_out')
    expect(auth).toBeSignedOut('signed_out')
  })
  test('signing out works offline', async () => {
    const { auth, server, notes } = await start()
    server.faults.always('*', { type: 'drop' })
    expect(await auth.signOut()).toEqual({ revoked: false })
    await expect(notes.list()).rejects.toMatchObject({ status: 401 })
  })
})

describe('tabs', () => {
  test('another is signed in at once', async () => expect((await start()).tab()).toBeSignedIn({ name: 'Ada' }))
  test('both renew with one refresh', async () => {
    const { advance, server, tab } = await start()
    const other = tab()
    await advance('55m')
    expect(server).toHaveRefreshed()
    expect(other.inspect().lastRefreshBy).not.toBeNull()
  })
  test('a sign-out reaches the other', async () => {
    const { auth, clock, tab } = await start()
    const other = tab()
    await auth.signOut()
    await clock.flush()
    expect(other).toBeSignedOut('other_tab')
  })
  test('and so does another person', async () => {
    const { auth, clock, tab } = await start()
    await tab().signIn(GRACE)
    await clock.flush()
    expect(auth).toBeSignedIn({ name: 'Grace' })
  })
})

describe('the session of the module, through msw', () => {
  const mock = createMockAuth({ users, rest, restBase: '/v2' })
  const handlers = [
    http.get('https://api.example.test/v2/*', ({ request }) => notes(request, mock)),
    ...mswHandlers(http, mock, 'https://api.example.test', HttpResponse),
  ]
  const network = setupServer(...handlers)
  beforeAll(() => network.listen({ onUnhandledRequest: 'error' }))
  afterEach(() => resetAuth(appAuth, mock))
  afterAll(() => network.close())

  test('signs in, and its axios gets the notes', async () => {
    await appAuth.signIn(ADA)
    expect((await api.get('/notes')).data).toEqual(['a note of Ada'])
  })
  test('nothing is left of the test before', async () => {
    expect(appAuth).toBeSignedOut('signed_out')
    expect(mock.log).toEqual([])
    expect(mock.admin.sessions()).toEqual([])
  })
})
