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
    ['Infinity as timeout', { ...good, timeout: Infinity }, /timeout.*60,000.*Infinity/],
    ['a timeout of more than a minute', { ...good, timeout: 60_001 }, /timeout.*60,000/],
    ['a timeout in the digits of a text', { ...good, timeout: '5000' }, /timeout/],
    ['null as timeout', { ...good, timeout: null }, /timeout/],
    ['a margin in the digits of a text', { ...good, refreshMargin: '5000' }, /refreshMargin/],
    ['null as margin', { ...good, refreshMargin: null }, /refreshMargin/],
    ['an option that there is none of', { ...good, refreshMargn: 1 }, /refreshMargn/],
    ['an option of another entry', { ...good, baseUrl: '/api' }, /baseUrl/],
    ['an empty backendName', { ...good, backendName: '' }, /backendName/],
    ['a number as backendName', { ...good, backendName: 7 }, /backendName/],
    ['a text as formerly', { ...good, formerly: 'https://old.example.test' }, /formerly/],
    ['a list of numbers as formerly', { ...good, formerly: [1] }, /formerly/],
  ])('%s: misconfigured, told at once, with what to change', (_, options, words) => {
    expect(() => createAuth(options as AuthOptions)).toThrow(
      expect.objectContaining({ name: 'AuthError', code: 'misconfigured', message: expect.stringMatching(words) }),
    )
  })

  test.each<[string, Partial<AuthOptions>]>([
    ['a margin of 0 and a short timeout', { refreshMargin: 0, timeout: 1 }],
    ['the longest timeout', { timeout: 60_000 }],
    ['a margin longer than any life: a third of that counts', { refreshMargin: Infinity }],
    ['names of before', { backendName: 'shop', formerly: ['https://old.example.test'] }],
    ['options that are undefined', { timeout: undefined, refreshMargin: undefined, backendName: undefined } as never],
  ])('allowed: %s', (_, options) => {
    createAuth({ ...good, ...options }).dispose()
  })

  test('what hangs on Object.prototype is no option', () => {
    const prototype = Object.prototype as Record<string, unknown>
    prototype.backendName = 'evil'
    try {
      const auth = createAuth({ ...good })
      expect(auth.inspect().backend).toBe('https://api.example.test')
      auth.dispose()
    } finally {
      delete prototype.backendName
    }
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
