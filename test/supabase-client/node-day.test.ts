import { decodeJwt } from 'jose'
import { type AuthStorage, createAuth, type StoredSession } from 'keyturn'
import { supabaseBackend } from 'keyturn/supabase'
import { createFakeBrowser } from 'keyturn/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ada, HOUR, MINUTE, type StoredClientSession, signedIn, type World } from './client.ts'

/** The refresh token is what counts; everything else Keyturn finds out. */
function storageWith({ access_token, refresh_token }: StoredClientSession): AuthStorage {
  let session: StoredSession | null = { accessToken: access_token, refreshToken: refresh_token, record: null }
  return {
    read: () => session,
    write: (next) => {
      session = next
    },
  }
}

/** Keyturn, on the clock of the world, and on the session that supabase-js leaves behind. */
function keyturnOn(world: World) {
  const session = world.stored()
  if (!session) throw new Error('supabase-js has no session')
  const { ports } = createFakeBrowser({ clock: world.clock, fetch: world.fetch }).openTab()
  const auth = createAuth({
    backend: supabaseBackend({ url: world.origin, anonKey: 'anon-key' }),
    storage: storageWith(session),
    ports,
  })
  onTestFinished(auth.dispose)
  return auth
}

describe.each(['hosted', 'default', 'v2', 'strict'] as const)('profile %s', (profile) => {
  test('supabase-js renews through the mock for 24 hours, and Keyturn goes on with the session for another 24', async () => {
    const world = await signedIn({ profile }, { autoRefreshToken: true })
    await world.advance(24 * HOUR)
    // Renewed with less than two minutes left, at the next look: 24 times, or 25 with the one that is due at the end.
    expect(world.mock.count('refresh')).toBeGreaterThanOrEqual(24)
    expect(world.mock.count('refresh')).toBeLessThanOrEqual(25)
    expect(world.events).not.toContain('SIGNED_OUT')
    const { data } = await world.auth.getUser()
    expect(data.user?.email).toBe(ada.email)
    await world.auth.stopAutoRefresh()

    const before = world.mock.count('refresh')
    const auth = keyturnOn(world)
    expect(await auth.ready).toMatchObject({ status: 'authenticated' })
    for (let hour = 0; hour < 24; hour++) {
      await world.advance(HOUR)
      expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null, user: { email: ada.email } })
    }
    const token = (await auth.getAccessToken()) ?? ''
    expect(decodeJwt(token).session_id).toBe(decodeJwt(world.session.access_token).session_id)
    expect((await world.auth.getUser(token)).error).toBeNull()
    // An hour less five minutes each.
    const renewals = world.mock.count('refresh') - before
    expect(renewals).toBeGreaterThanOrEqual(24)
    expect(renewals).toBeLessThanOrEqual(28)

    expect(world.mock.count('sign_in')).toBe(1)
    expect(world.mock.admin.sessions()).toHaveLength(1)
    expect(world.mock.log.filter(({ verdict }) => verdict === 'refused')).toEqual([])
  })
})

test('Keyturn takes over a session whose access token has run out long ago', async () => {
  const world = await signedIn()
  world.clock.jump(30 * 24 * HOUR)
  const auth = keyturnOn(world)
  await world.advance(MINUTE)
  expect(await auth.ready).toMatchObject({ status: 'authenticated', user: { email: ada.email } })
  expect(world.mock.count('refresh')).toBe(1)
  expect(world.mock.count('sign_in')).toBe(1)
})

test('what Keyturn signs out, supabase-js finds signed out', async () => {
  const world = await signedIn()
  const auth = keyturnOn(world)
  await auth.ready
  expect(await auth.signOut()).toEqual({ revoked: true })
  const { error } = await world.auth.refreshSession({ refresh_token: world.session.refresh_token })
  expect(error).toMatchObject({ code: 'refresh_token_not_found' })
})
