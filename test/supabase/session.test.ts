import type { AuthError } from 'keyturn'
import type { SupabaseUser } from 'keyturn/supabase'
import { describe, expect, test } from 'vitest'
import { rejection } from '../http/stage.ts'
import { ada, open, signedIn } from './official-client.ts'

const MINUTE = 60_000
const newcomer = { email: 'new@example.test', password: 'correct-horse-2' }

describe('signing in', () => {
  test('with a password', async () => {
    const { auth } = open()
    const user: SupabaseUser = await auth.signIn(ada)
    expect(user).toMatchObject({ email: ada.email, aud: 'authenticated', app_metadata: { provider: 'email' } })
    expect(auth.getState()).toEqual({ status: 'authenticated', user, problem: null })
  })

  test('with a wrong one, which leaves the session that was there alone', async () => {
    const { auth, live } = await signedIn()
    const before = auth.getState()
    const error = await rejection<AuthError>(auth.signIn({ ...ada, password: 'wrong-horse' }))
    expect(error).toMatchObject({ code: 'credentials_rejected', serverCode: 'invalid_credentials', status: 400 })
    expect(auth.getState()).toBe(before)
    expect(live()).toHaveLength(1)
  })

  test('by signing up, with data of the app', async () => {
    const { auth } = open()
    const user = await auth.signIn({ signUp: { ...newcomer, data: { name: 'Grace' } } })
    expect(user).toMatchObject({ email: newcomer.email, user_metadata: { name: 'Grace' } })
    expect(auth.getState().status).toBe('authenticated')
    await auth.signOut()
    await auth.signIn(newcomer)
  })

  test('by a sign-up that must be confirmed first: an error to act on, and the session that was there goes on', async () => {
    const { auth, live } = await signedIn({ autoConfirm: false })
    const before = auth.getState()
    const error = await rejection<AuthError>(auth.signIn({ signUp: newcomer }))
    expect(error).toMatchObject({ code: 'interaction_required', serverCode: 'email_not_confirmed' })
    expect(error.cause).toMatchObject({ email: newcomer.email, confirmation_sent_at: expect.any(String) })
    expect(auth.getState()).toBe(before)
    expect(live()).toHaveLength(1)
    const again = await rejection<AuthError>(auth.signIn(newcomer))
    expect(again).toMatchObject({ code: 'interaction_required', serverCode: 'email_not_confirmed' })
  })

  test('with an address that somebody has', async () => {
    const { auth } = open()
    const error = await rejection<AuthError>(auth.signIn({ signUp: ada }))
    expect(error).toMatchObject({ code: 'credentials_rejected', serverCode: 'user_already_exists' })
  })

  test('with a password that is too weak: the words say why', async () => {
    const { auth } = open()
    const error = await rejection<AuthError>(auth.signIn({ signUp: { ...newcomer, password: '12345' } }))
    expect(error).toMatchObject({ code: 'credentials_rejected', serverCode: 'weak_password' })
    expect(error.message).toMatch(/at least 6 characters/)
  })

  test('anonymously', async () => {
    const { auth, clock } = open({ anonymousSignIns: true })
    const user = await auth.signIn({ anonymous: true, data: { theme: 'dark' } })
    expect(user).toMatchObject({ is_anonymous: true, email: '', user_metadata: { theme: 'dark' } })
    await clock.advance(MINUTE)
    await auth.refresh()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { id: user.id, is_anonymous: true } })
  })

  test('anonymously, where that is switched off', async () => {
    const { auth } = open({ anonymousSignIns: false })
    const error = await rejection<AuthError>(auth.signIn({ anonymous: true }))
    expect(error).toMatchObject({ code: 'credentials_rejected', serverCode: 'anonymous_provider_disabled' })
  })
})
