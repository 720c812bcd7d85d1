import type { AuthError } from 'keyturn'
import { supabaseBackend } from 'keyturn/supabase'
import { describe, expect, test } from 'vitest'
import { rejection } from '../http/stage.ts'
import { ada, signedIn } from './official-client.ts'
import { anonKey } from './project.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe.each(['hosted', 'default', 'v2', 'strict'] as const)('with refresh tokens as in %s', (profile) => {
  test('a session is renewed for a day', async () => {
    const { auth, clock, mock } = await signedIn({ profile })
    for (let hours = 0; hours < 24; hours++) await clock.advance(HOUR)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null, user: { email: ada.email } })
    // Every 55 minutes or so.
    expect(mock.count('refresh')).toBeGreaterThanOrEqual(24)
    expect(mock.count('refresh')).toBeLessThanOrEqual(28)
    expect(mock.count('sign_in')).toBe(1)
  })

  test('a session that the server ended is over', async () => {
    const { auth, clock, mock } = await signedIn({ profile })
    mock.admin.revokeSessions()
    const ended = rejection<AuthError>(auth.refresh())
    await clock.advance(5_000)
    expect(await ended).toMatchObject({ code: 'rejected', serverCode: 'refresh_token_not_found' })
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  })
})

test('a ban ends the session', async () => {
  const { auth, clock, mock } = await signedIn()
  mock.admin.ban(ada.email)
  await clock.advance(2 * HOUR)
  expect(auth.getState()).toMatchObject({ reason: 'rejected', error: { serverCode: 'user_banned' } })
})

test('a session that has reached its limit is over', async () => {
  const { auth, clock } = await signedIn({ sessionTimebox: 7_200 })
  await clock.advance(3 * HOUR)
  expect(auth.getState()).toMatchObject({ reason: 'rejected', error: { serverCode: 'session_expired' } })
})

test.each([409, 429, 500, 503, 504])('two hours of %s cost nobody the session', async (status) => {
  const { auth, clock, mock } = await signedIn()
  mock.faults.always('refresh', { type: 'status', status })
  await clock.advance(2 * HOUR)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { status } })
  mock.faults.clear()
  await clock.advance(6 * MINUTE)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  expect(mock.count('sign_in')).toBe(1)
})

test('one conflict is cured within the same refresh', async () => {
  const { auth, clock, mock } = await signedIn()
  await clock.advance(MINUTE)
  mock.faults.next('refresh', { type: 'status', status: 409 })
  const renewed = auth.refresh()
  await clock.advance(5_000)
  await renewed
  expect(mock.count('refresh')).toBe(2)
})

test('Retry-After is obeyed', async () => {
  const { clock, mock, auth } = await signedIn()
  await clock.advance(MINUTE)
  mock.faults.next('refresh', { type: 'status', status: 429, headers: { 'Retry-After': '120' } })
  await rejection(auth.refresh())
  await clock.advance(119_000)
  expect(mock.count('refresh')).toBe(1)
  await clock.advance(2_000)
  expect(mock.count('refresh')).toBe(2)
})

describe('signing out', () => {
  test.each(['local', 'global', 'others'] as const)('of %s', async (scope) => {
    const { auth, mock, live } = await signedIn()
    const other = supabaseBackend({ url: mock.origin, anonKey })
    const context = { signal: new AbortController().signal, fetch: mock.fetch, pageUrl: null, now: 0 }
    await other.signIn(ada, context)
    const [mine, theirs] = live().map(({ id }) => id)
    expect(await auth.signOut({ scope })).toEqual({ revoked: true })
    const left = { local: [theirs], global: [], others: [mine] }[scope]
    expect(live().map(({ id }) => id)).toEqual(left)
    expect(auth.getState().status).toBe(scope === 'others' ? 'authenticated' : 'unauthenticated')
  })

  test('with an access token that has run out ends the session on the server all the same', async () => {
    const { auth, clock, mock, live } = await signedIn()
    // The laptop slept: no timer has noticed.
    clock.jump(2 * HOUR)
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(live()).toEqual([])
    expect(mock.log.map(({ call, status }) => [call, status]).slice(1)).toEqual([
      ['sign_out', 403],
      ['refresh', 200],
      ['sign_out', 204],
    ])
  })
})
