import axios from 'axios'
import { attachAuth } from 'keyturn/axios'
import { createAuthFetch } from 'keyturn/fetch'
import { handleCallback } from 'keyturn/oauth'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openPage, startApp } from './page.ts'
import { startProvider, type TestProvider, travel } from './provider.ts'

const providers: TestProvider[] = []
beforeAll(async () => {
  for (const nonces of [false, true]) providers.push(await startProvider({ redirects: ['/callback'], nonces }))
})
afterAll(() => Promise.all(providers.map((provider) => provider.close())))

async function signIn(provider: TestProvider, options = {}) {
  const page = openPage(`${provider.issuer}/desk`)
  const app = startApp(provider, page, { dpop: true, ...options })
  app.auth.signIn({ redirect: '/callback' }).catch(() => {})
  await vi.waitFor(() => expect(page.left).toHaveLength(1), { timeout: 20_000 })
  page.href = (await travel(page.left[0] ?? '', 'ada')).href
  await handleCallback(app.auth)
  const authFetch = createAuthFetch(app.auth, { origins: [provider.issuer], proof: app.backend.proof })
  return { ...app, page, authFetch, me: `${provider.issuer}/me` }
}

describe.each([
  ['without nonces', 0],
  ['with nonces of the server', 1],
])('a session bound to a key, %s', (_, index) => {
  test('signs in, is renewed, and carries a proof with each request', async () => {
    const provider = providers[index] as TestProvider
    const { auth, authFetch, me, page } = await signIn(provider)
    expect(new URL(page.left[0] ?? '').searchParams.get('dpop_jkt')).toMatch(/^[\w-]{43}$/)
    expect(await (await authFetch(me)).json()).toMatchObject({ sub: 'ada' })
    await vi.waitFor(() => auth.refresh(), { timeout: 20_000 })
    const answers = await Promise.all([authFetch(me), authFetch(new Request(me)), authFetch(me, { method: 'POST' })])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(auth.getState().status).toBe('authenticated')
  })

  test('does so through axios', async () => {
    const provider = providers[index] as TestProvider
    const { auth, backend } = await signIn(provider)
    const api = axios.create({ baseURL: provider.issuer })
    attachAuth(api, auth, { proof: backend.proof })
    expect((await api.get('/me')).data).toMatchObject({ sub: 'ada' })
    expect((await api.post('/me', 'x=1')).data).toMatchObject({ sub: 'ada' })
  })

  test('a token that was stolen is refused with another key, and as a bearer', async () => {
    const provider = providers[index] as TestProvider
    const victim = await signIn(provider)
    const thief = await signIn(provider)
    const stolen = (await victim.auth.getAccessToken()) ?? ''
    const headers = await thief.backend.proof?.sign(stolen, 'GET', victim.me)
    expect((await fetch(victim.me, { headers: { ...headers } })).status).toBe(401)
    expect((await fetch(victim.me, { headers: { Authorization: `Bearer ${stolen}` } })).status).toBe(401)
    const { refreshToken } = victim.storage.read() as { refreshToken: string }
    const outcome = await thief.backend.refresh(
      { accessToken: null, refreshToken },
      { signal: new AbortController().signal, fetch, pageUrl: null, now: Date.now() },
    )
    expect(outcome.type).toBe('rejected')
    // Whoever tries a refresh token with a wrong key spends nothing.
    await vi.waitFor(() => victim.auth.refresh(), { timeout: 20_000 })
  })
})

test('where IndexedDB cannot be had the key lives in memory, and one diagnostic says so', async () => {
  const { auth, diagnostics } = await signIn(providers[0] as TestProvider)
  await vi.waitFor(() => auth.refresh(), { timeout: 20_000 })
  expect(diagnostics.map(({ error }) => [error.code, error.message])).toEqual([
    ['storage_failed', expect.stringContaining('IndexedDB')],
  ])
})

test('a proof is only made for whom the token is for', async () => {
  const { authFetch, page } = await signIn(providers[0] as TestProvider)
  const other = providers[1] as TestProvider
  expect(page.href).not.toContain(other.issuer)
  const before = other.asked.length
  expect((await authFetch(`${other.issuer}/me`)).status).toBe(401)
  expect(other.asked).toHaveLength(before + 1)
})
