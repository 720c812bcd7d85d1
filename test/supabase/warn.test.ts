import { createAuth, memoryStorage } from 'keyturn'
import { type SupabaseClientLike, supabaseBackend, warnIfClientRefreshes } from 'keyturn/supabase'
import { expect, onTestFinished, test } from 'vitest'
import { ada, project } from './official-client.ts'
import { anonKey } from './project.ts'

/** An engine with somebody signed in, and its tokens as an app might copy them out of the cookies. */
async function signedIn() {
  const page = project({ users: [ada, { email: 'grace@example.test', password: 'battery-staple' }] })
  const storage = memoryStorage()
  const auth = createAuth({
    backend: supabaseBackend({ url: page.url, anonKey }),
    storage,
    ports: { clock: page.clock, settle: null, fetch: page.mock.fetch },
  })
  onTestFinished(() => auth.dispose())
  await auth.signIn(ada)
  const { accessToken, refreshToken } = (await storage.read()) ?? {}
  const copy = { access_token: String(accessToken), refresh_token: String(refreshToken) }
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  /** Long enough for the client to tell its listeners. */
  const settled = async () => {
    await page.clock.flush()
    await page.clock.flush()
  }
  return { page, auth, copy, warn, warnings, settled }
}

test.each([
  ['with auto refresh', { autoRefreshToken: true }],
  ['without it: such a client still refreshes when it is asked for the session', { autoRefreshToken: false }],
  ['that stores nothing', { persistSession: false }],
])('a client %s that is given the session is warned of, once', async (_, options) => {
  const { page, auth, copy, warn, warnings, settled } = await signedIn()
  const client = page.client({ auth: options })
  warnIfClientRefreshes(client, auth, warn)
  await settled()
  expect(warnings).toEqual([])
  await client.auth.setSession(copy)
  await settled()
  expect(warnings).toEqual([expect.stringMatching(/accessToken: \(\) => auth\.getAccessToken\(\)/)])
  await client.auth.refreshSession()
  await settled()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).not.toContain('eyJ')
})

test('a client that has it already is warned of', async () => {
  const { page, auth, copy, warn, warnings, settled } = await signedIn()
  const client = page.client()
  await client.auth.setSession(copy)
  warnIfClientRefreshes(client, auth, warn)
  await settled()
  expect(warnings).toHaveLength(1)
})

test('a client that signs in by itself, even as the same person, has a session of its own', async () => {
  const { page, auth, warn, warnings, settled } = await signedIn()
  const client = page.client()
  warnIfClientRefreshes(client, auth, warn)
  for (const who of [ada, { email: 'grace@example.test', password: 'battery-staple' }]) {
    expect((await client.auth.signInWithPassword(who)).error).toBeNull()
    await settled()
  }
  expect(warnings).toEqual([])
})

test('a client with the accessToken option has no session', async () => {
  const { page, auth, warn, warnings, settled } = await signedIn()
  const stop = warnIfClientRefreshes(page.client({ accessToken: () => auth.getAccessToken() }), auth, warn)
  await settled()
  expect(warnings).toEqual([])
  stop()
})

test('once signed out here, there is nothing to share', async () => {
  const { page, auth, copy, warn, warnings, settled } = await signedIn()
  const client = page.client()
  warnIfClientRefreshes(client, auth, warn)
  page.mock.faults.always('sign_out', { type: 'status', status: 503 })
  expect(await auth.signOut()).toEqual({ revoked: false })
  expect((await client.auth.setSession(copy)).error).toBeNull()
  await settled()
  expect(warnings).toEqual([])
})

test('the watch can be ended', async () => {
  const { page, auth, copy, warn, warnings, settled } = await signedIn()
  const client = page.client()
  warnIfClientRefreshes(client, auth, warn)()
  await client.auth.setSession(copy)
  await settled()
  expect(warnings).toEqual([])
})

test('two events at once make one warning, and none once the watch has ended', async () => {
  const { auth, copy, warn, warnings, settled } = await signedIn()
  for (const ended of [true, false]) {
    let tell: (event: string, session: typeof copy) => void = () => {}
    const client: SupabaseClientLike = {
      auth: {
        onAuthStateChange(callback) {
          tell = callback
          return { data: { subscription: { unsubscribe() {} } } }
        },
      },
    }
    const stop = warnIfClientRefreshes(client, auth, warn)
    tell('INITIAL_SESSION', copy)
    tell('SIGNED_IN', copy)
    if (ended) stop()
    await settled()
    expect(warnings).toHaveLength(ended ? 0 : 1)
  }
})
