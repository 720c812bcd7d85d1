import { isAuthError } from 'keyturn'
import { handleCallback, oauthBackend } from 'keyturn/oauth'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openPage, startApp } from './page.ts'
import { startProvider, type TestProvider, travel } from './provider.ts'

let provider: TestProvider
const spoken: unknown[] = []
beforeAll(async () => {
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...words) => void spoken.push(...words))
  provider = await startProvider({ redirects: ['/callback'] })
})
afterAll(() => provider?.close())

const open = (options = {}) => {
  const page = openPage(`${provider.issuer}/desk`)
  return { page, ...startApp(provider, page, options) }
}
type App = ReturnType<typeof open>

/** Leaves for the provider. Resolves with the address that was gone to; the sign-in itself is still under way. */
async function leave({ auth, page }: App, more = {}) {
  const began = auth.signIn({ redirect: '/callback', returnTo: '/desk?tab=2', ...more })
  const seen: { error?: unknown } = {}
  began.catch((error) => {
    seen.error = error
  })
  await vi.waitFor(() => expect(page.left).toHaveLength(1), { timeout: 20_000 })
  return { address: page.left[0] ?? '', seen, began }
}
/** The page that the person comes back to. */
async function comeBack(app: App, login = 'ada', more = {}) {
  const { address } = await leave(app, more)
  app.page.href = (await travel(address, login)).href
  return app.page.href
}
async function signIn(app: App, login = 'ada') {
  await comeBack(app, login)
  return handleCallback(app.auth)
}
const ask = (form: Record<string, string>) =>
  fetch(`${provider.issuer}/token`, { method: 'POST', body: new URLSearchParams({ client_id: 'app', ...form }) })

describe('signing in by redirect', () => {
  test('leaves with PKCE, state and nonce, and is pending', async () => {
    const app = open()
    const { address, seen } = await leave(app, { params: { login_hint: 'ada' } })
    const query = Object.fromEntries(new URL(address).searchParams)
    expect(query).toMatchObject({
      client_id: 'app',
      response_type: 'code',
      scope: 'openid profile offline_access',
      redirect_uri: `${provider.issuer}/callback`,
      code_challenge_method: 'S256',
      login_hint: 'ada',
    })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query[name]).toMatch(/^[\w-]{43}$/)
    expect(seen).toEqual({})
    expect(address).not.toContain(JSON.parse([...app.page.store.values()][0] ?? '').verifier)
  })

  test('and back: the user from the ID token, the way on, and nothing left in address or tab', async () => {
    const app = open()
    expect(await signIn(app)).toEqual({ user: { sub: 'ada', name: 'ADA' }, returnTo: '/desk?tab=2' })
    expect(app.auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'ADA' } })
    expect(app.page.href).toBe(`${provider.issuer}/callback`)
    expect(app.page.store.size).toBe(0)
  })

  test('the user from the userinfo endpoint, as the app wants to see them', async () => {
    const app = open({ user: 'userinfo', toUser: ({ sub }: { sub: string }) => ({ id: sub }) })
    expect(await signIn(app)).toMatchObject({ user: { id: 'ada' } })
    expect(await app.auth.reloadUser()).toEqual({ id: 'ada' })
  })

  test('rejects when the page is shown again as it was left', async () => {
    const app = open()
    const { began } = await leave(app)
    app.page.comeBack()
    await expect(began).rejects.toMatchObject({ code: 'interaction_required' })
  })
})

describe('the callback', () => {
  test('run twice, as StrictMode does, changes the code once and gives both the same', async () => {
    const app = open()
    await comeBack(app)
    const before = provider.count('/token', 'authorization_code')
    const [one, two] = [handleCallback(app.auth), handleCallback(app.auth)]
    expect(await one).toEqual(await two)
    expect(await handleCallback(app.auth)).toEqual(await one)
    expect(provider.count('/token', 'authorization_code')).toBe(before + 1)
  })

  test('without an answer of the provider there is nothing to finish', async () => {
    const app = open()
    app.page.href = `${provider.issuer}/callback?state=1`
    expect(await handleCallback(app.auth)).toBeNull()
  })

  test('with a state of another browser is refused, and the session that was there goes on', async () => {
    const app = open()
    await signIn(app)
    const before = provider.count('/token')
    app.page.href = `${provider.issuer}/callback?code=planted&state=foreign`
    await expect(handleCallback(app.auth)).rejects.toMatchObject({ code: 'invalid_response' })
    expect(app.page.href).toBe(`${provider.issuer}/callback`)
    expect(app.auth.getState()).toMatchObject({ status: 'authenticated' })
    expect(provider.count('/token')).toBe(before)
  })

  test('of a trip that has been finished is refused: a state is used once', async () => {
    const app = open()
    const href = await comeBack(app)
    await handleCallback(app.auth)
    app.page.href = href
    await expect(handleCallback(app.auth)).rejects.toMatchObject({ code: 'invalid_response' })
    expect(app.auth.getState()).toMatchObject({ status: 'authenticated' })
  })

  test('that says that another server answers is refused (RFC 9207)', async () => {
    const app = open()
    const address = new URL(await comeBack(app))
    address.searchParams.set('iss', 'https://evil.example')
    app.page.href = address.href
    await expect(handleCallback(app.auth)).rejects.toMatchObject({ code: 'invalid_response' })
  })

  test('with a code that the provider does not know is refused in its words', async () => {
    const app = open()
    const address = new URL(await comeBack(app))
    address.searchParams.set('code', 'a-code-that-nobody-gave-out')
    app.page.href = address.href
    const error = await handleCallback(app.auth)?.catch((error) => error)
    expect(error).toMatchObject({ code: 'credentials_rejected', serverCode: 'invalid_grant' })
  })

  test.each([
    ['the person said no', 'nobody', {}, 'credentials_rejected', 'access_denied'],
    ['the provider would have to ask', 'ada', { params: { prompt: 'none' } }, 'interaction_required', 'login_required'],
  ])('with an error: %s', async (_, login, more, code, serverCode) => {
    const app = open()
    await comeBack(app, login, more)
    await expect(handleCallback(app.auth)).rejects.toMatchObject({ code, serverCode })
    expect(app.page.href).toBe(`${provider.issuer}/callback`)
  })
})

describe('the session', () => {
  test('is renewed with rotation', async () => {
    const app = open()
    await signIn(app)
    const before = app.storage.read() as { refreshToken: string; accessToken: string }
    await vi.waitFor(() => app.auth.refresh(), { timeout: 20_000 })
    const after = app.storage.read() as typeof before
    expect(after.refreshToken).not.toBe(before.refreshToken)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(app.auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'ADA' } })
  })

  test('is over when the provider says so', async () => {
    const app = open()
    await signIn(app)
    const { refreshToken } = app.storage.read() as { refreshToken: string }
    await fetch(`${provider.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'app', token: refreshToken }),
    })
    await expect(app.auth.refresh()).rejects.toMatchObject({ code: 'rejected' })
    expect(app.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  })

  test('is revoked by a sign-out (RFC 7009)', async () => {
    const app = open()
    await signIn(app)
    const { refreshToken } = app.storage.read() as { refreshToken: string }
    expect(await app.auth.signOut()).toEqual({ revoked: true })
    const answer = await ask({ grant_type: 'refresh_token', refresh_token: refreshToken })
    expect([answer.status, (await answer.json()).error]).toEqual([400, 'invalid_grant'])
  })

  test('ends at the provider, too, who is shown the ID token', async () => {
    const app = open()
    await signIn(app)
    await app.auth.signOut()
    void app.backend.endSession({ redirect: '/' })
    await vi.waitFor(() => expect(app.page.left).toHaveLength(2), { timeout: 20_000 })
    const address = new URL(app.page.left[1] ?? '')
    expect(address.pathname).toBe('/session/end')
    expect(Object.fromEntries(address.searchParams)).toEqual({
      client_id: 'app',
      post_logout_redirect_uri: `${provider.issuer}/`,
      id_token_hint: expect.stringMatching(/^ey/),
    })
  })
})

describe('what is wrong is said', () => {
  test.each([
    [{ issuer: 'id.example.com' }, /full address/],
    [{ issuer: 'http://id.example.com' }, /must be https/],
    [{ clientId: '' }, /clientId is missing/],
    [{ secret: 'x' }, /no option 'secret'/],
  ])('%j', (change, words) => {
    expect(() => oauthBackend({ issuer: 'https://id.example.com', clientId: 'app', ...change })).toThrow(words)
  })

  test('no discovery there: the address, and what to check', async () => {
    const page = openPage(`${provider.issuer}/desk`)
    const app = startApp({ ...provider, issuer: `${provider.issuer}/nowhere` }, page)
    const error = await app.auth.signIn({ redirect: '/callback' }).catch((error) => error)
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('Check issuer') })
  })

  test('a provider that cannot be reached is unavailable, and asked again the next time', async () => {
    const app = open()
    const real = globalThis.fetch
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')))
    await expect(app.auth.signIn({ redirect: '/callback' })).rejects.toMatchObject({ code: 'unavailable' })
    vi.stubGlobal('fetch', real)
    await leave(app)
  })

  test('a tab that keeps nothing could not come back', async () => {
    const app = open()
    vi.stubGlobal('sessionStorage', undefined)
    await expect(app.auth.signIn({ redirect: '/callback' })).rejects.toMatchObject({ code: 'storage_failed' })
    expect(app.page.left).toEqual([])
  })
})

test('no code, verifier or token is in an error, an event or the console', async () => {
  const app = open()
  const told: unknown[] = []
  for (const name of ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'diagnostic', 'user_changed'] as const)
    app.auth.on(name, (event) => told.push(event))
  const address = new URL(await comeBack(app))
  const { verifier } = JSON.parse([...app.page.store.values()][0] ?? '')
  const code = address.searchParams.get('code') ?? ''
  // Nobody may use a code twice: the provider takes back what it gave for it.
  await ask({
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: `${provider.issuer}/callback`,
  })
  const error = await handleCallback(app.auth)?.catch((error) => error)
  expect(isAuthError(error)).toBe(true)
  const all = JSON.stringify([told, spoken, error, String(error?.stack), error?.cause, app.auth.inspect()])
  for (const secret of [code, verifier]) expect(all).not.toContain(secret)
  onTestFinished(() => void spoken.splice(0))
})
