import { type AuthOptions, cookieStorage, createAuth, memoryStorage, restBackend } from 'keyturn'
import { afterEach, describe, expect, test, vi } from 'vitest'

const backend = restBackend({ baseUrl: 'https://api.example.test' })
const storage = memoryStorage()
const good = { backend, storage }

describe('bad input of createAuth', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /backend/],
    ['null', null, /backend/],
    ['no backend', { storage }, /backend/],
    ['null as backend', { backend: null, storage }, /backend/],
    ['a backend without refresh', { backend: { ...backend, refresh: undefined }, storage }, /backend/],
    ['a backend without signIn', { backend: { ...backend, signIn: undefined }, storage }, /backend/],
    ['a backend without signOut', { backend: { ...backend, signOut: undefined }, storage }, /backend/],
    ['no storage', { backend }, /storage/],
    ['a storage that was not called', { backend, storage: memoryStorage }, /storage/],
    ['a storage without write', { backend, storage: { read: () => null } }, /storage/],
    ['a negative margin', { ...good, refreshMargin: -1 }, /refreshMargin.*-1/],
    ['NaN as margin', { ...good, refreshMargin: Number.NaN }, /refreshMargin/],
    ['text as margin', { ...good, refreshMargin: 'soon' }, /refreshMargin/],
    ['no timeout at all', { ...good, timeout: 0 }, /timeout/],
    ['a negative timeout', { ...good, timeout: -5 }, /timeout/],
    ['NaN as timeout', { ...good, timeout: Number.NaN }, /timeout/],
  ])('%s: misconfigured, told at once, with what to change', (_, options, words) => {
    expect(() => createAuth(options as AuthOptions)).toThrow(
      expect.objectContaining({ name: 'AuthError', code: 'misconfigured', message: expect.stringMatching(words) }),
    )
  })

  test('a margin of 0 and a short timeout are allowed', () => {
    createAuth({ ...good, refreshMargin: 0, timeout: 1 }).dispose()
  })
})

describe('the object', () => {
  test('is frozen, and its functions need no this', async () => {
    const auth = createAuth(good)
    const { getState, getAccessToken, inspect, subscribe, on, dispose } = auth
    expect(Object.isFrozen(auth)).toBe(true)
    expect(Object.isFrozen(getState())).toBe(true)
    expect(getState()).toBe(getState())
    expect(await getAccessToken()).toBeNull()
    expect(inspect()).toMatchObject({ status: 'unauthenticated', sessionId: null, refreshing: false, failures: 0 })
    subscribe(() => {})()
    on('signed_in', () => {})()
    dispose()
  })
})

describe('on a server, where there is no window and no document', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  test('it does nothing and does not throw: no request, no timer, nobody signed in', async () => {
    expect(globalThis).not.toHaveProperty('document')
    vi.useFakeTimers()
    const fetch = vi.spyOn(globalThis, 'fetch')
    const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: cookieStorage() })
    expect(auth.getState().status).not.toBe('authenticated')
    const state = await auth.ready
    expect(state.status).not.toBe('authenticated')
    expect(await auth.getAccessToken()).toBeNull()
    expect(auth.inspect()).toMatchObject({ sessionId: null, nextRefreshAt: null })
    expect(fetch).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
    auth.dispose()
  })

  test('refresh says that nobody is signed in', async () => {
    const auth = createAuth({ backend, storage: cookieStorage() })
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'unauthenticated' })
    auth.dispose()
  })

  test('a sign-in with a relative baseUrl says what to do', async () => {
    const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: memoryStorage() })
    await expect(auth.signIn({ email: 'a', password: 'b' })).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining('baseUrl'),
    })
    auth.dispose()
  })
})
