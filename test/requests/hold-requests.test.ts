import { createTestAuth } from 'keyturn/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createAuthFetch, holdRequests } from '../../src/fetch/index.ts'
import { type Auth, type PasswordCredentials, restBackend } from '../../src/index.ts'

const [ADA, GRACE] = ['ada', 'grace'].map((name) => ({
  email: `${name}@example.test`,
  password: `${name}-secret`,
})) as [PasswordCredentials, PasswordCredentials]

const open: { dispose(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.dispose()
  vi.useRealTimers()
})

/** An app whose requests are held. `save` tells how a request ended: a body, or the code of the error. */
async function start(options?: Parameters<typeof holdRequests>[1]) {
  const world = await createTestAuth({
    backend: restBackend({ baseUrl: '/api' }),
    server: { users: [ADA, GRACE], signing: 'none' },
    async api(request, server) {
      const { user, refusal } = await server.authenticate(request)
      return user ? Response.json(`${user.email}: ${await request.text()}`) : refusal
    },
  })
  open.push(world)
  const held = holdRequests(world.auth as Auth, options)
  const authFetch = createAuthFetch(held.auth)
  const save = (text: string, init: RequestInit = {}) =>
    authFetch('/notes', { method: 'POST', body: text, ...init }).then(
      async (response) => (response.ok ? response.json() : response.status),
      (error) => (typeof error.code === 'string' ? error.code : error.name),
    )
  /** The server ends the session, and a request finds out. */
  const lose = async (text = 'half a letter', init?: RequestInit) => {
    await world.advance('2s')
    world.server.admin.revokeSessions()
    const saved = save(text, init)
    await world.advance('5s')
    return { saved }
  }
  return { ...world, held, save, lose }
}

test('a request that failed because the session ended waits, and goes on when the same person signs in', async () => {
  const { auth, held, lose } = await start()
  const seen: number[] = []
  held.subscribe(() => seen.push(held.count()))
  const { saved } = await lose()
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  expect(held.count()).toBe(1)
  await auth.signIn(ADA)
  expect(await saved).toBe('ada@example.test: half a letter')
  expect(seen).toEqual([1, 0])
})

test('when another person signs in it is not sent, and fails', async () => {
  const { auth, held, lose, server } = await start()
  const { saved } = await lose()
  await auth.signIn(GRACE)
  expect(await saved).toBe('session_changed')
  expect(held.count()).toBe(0)
  expect(server.log.filter(({ call, status }) => call === 'api' && status === 200)).toEqual([])
})

test('given up, it fails as it would have', async () => {
  const { held, lose } = await start()
  const { saved } = await lose()
  held.giveUp()
  expect(await saved).toBe(401)
})

test('nobody signs in: it fails when the time is up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { held, lose } = await start({ timeout: 60_000 })
  const { saved } = await lose()
  vi.advanceTimersByTime(59_999)
  expect(held.count()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await saved).toBe(401)
})

test('its own signal ends it', async () => {
  const controller = new AbortController()
  const { held, lose } = await start()
  const { saved } = await lose('x', { signal: controller.signal })
  controller.abort()
  expect(await saved).toBe('AbortError')
  expect(held.count()).toBe(0)
})

test('no more are held than the limit, the rest fail at once', async () => {
  const { auth, held, save, advance, server } = await start({ limit: 2 })
  await advance('2s')
  server.admin.revokeSessions()
  const saved = ['a', 'b', 'c'].map((text) => save(text))
  await advance('5s')
  expect(held.count()).toBe(2)
  await auth.signIn(ADA)
  expect((await Promise.all(saved)).map(String).sort()).toEqual([
    '401',
    expect.stringMatching(/ada/),
    expect.stringMatching(/ada/),
  ])
})

test('the session ends again: it waits again', async () => {
  const { auth, held, lose, server, advance } = await start()
  const { saved } = await lose()
  server.faults.next('api', { type: 'status', status: 500 })
  await auth.signIn(ADA)
  expect(await saved).toBe('ada@example.test: half a letter')
  const again = await lose('once more')
  await advance('1s')
  expect(held.count()).toBe(1)
  await auth.signIn(ADA)
  expect(await again.saved).toBe('ada@example.test: once more')
})

describe('what is not held', () => {
  test('what fails because the person signs out', async () => {
    const { auth, held, save, advance, server } = await start()
    await advance('2s')
    server.admin.expireAccessTokens()
    server.faults.always('refresh', { type: 'hang' })
    const saved = save('x')
    await advance('1s')
    await auth.signOut()
    expect([401, 'session_changed']).toContain(await saved)
    expect(held.count()).toBe(0)
  })

  test('what is sent when nobody is signed in', async () => {
    const { auth, held, save } = await start()
    await auth.signOut()
    expect(await save('x')).toBe(401)
    expect(held.count()).toBe(0)
  })

  test('what cannot be sent twice', async () => {
    const { advance, server, held, save } = await start()
    await advance('2s')
    server.admin.revokeSessions()
    const body = new ReadableStream({ pull: (controller) => controller.close() })
    const saved = save('', { body, duplex: 'half' } as RequestInit)
    await advance('5s')
    expect(await saved).toBe(401)
    expect(held.count()).toBe(0)
  })

  test('what fails for another reason', async () => {
    const { held, save, advance, server } = await start()
    await advance('2s')
    server.faults.always('refresh', { type: 'status', status: 503 })
    server.admin.expireAccessTokens()
    const saved = save('x')
    await advance('1m')
    expect(await saved).toBe(401)
    expect(held.count()).toBe(0)
  })
})

test('what is no auth, and impossible numbers, are told', () => {
  expect(() => holdRequests({} as never)).toThrow('createAuth()')
  expect(() => holdRequests({ exchange() {} } as never, { limit: 0 })).toThrow('more than 0')
})
