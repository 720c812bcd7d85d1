import { AuthApiError, AuthWeakPasswordError, isAuthWeakPasswordError } from '@supabase/supabase-js'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { ada, apiError, createWorld, grace, signedIn } from './client.ts'

describe('signing up', () => {
  test('opens a session, and stores it where supabase-js looks for it', async () => {
    const { open, stored } = await createWorld({ profile: 'hosted' })
    const { auth, events } = open()
    const { data, error } = await auth.signUp({ ...grace, options: { data: { name: 'Grace' } } })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ email: grace.email, role: 'authenticated', user_metadata: { name: 'Grace' } })
    expect(data.session?.token_type).toBe('bearer')
    expect(stored()?.refresh_token).toBe(data.session?.refresh_token)
    expect(events).toEqual(['INITIAL_SESSION', 'SIGNED_IN'])
  })

  test('with an address that somebody has is refused', async () => {
    const { open } = await createWorld({ profile: 'hosted' })
    const { data, error } = await open().auth.signUp(ada)
    expect(error).toBeInstanceOf(AuthApiError)
    expect(error).toMatchObject({ ...apiError(422, 'user_already_exists'), message: 'User already registered' })
    expect(data).toEqual({ user: null, session: null })
  })

  test('with a weak password tells the reasons', async () => {
    const { open } = await createWorld({ profile: 'hosted' })
    const { error } = await open().auth.signUp({ email: grace.email, password: '12345' })
    expect(error).toBeInstanceOf(AuthWeakPasswordError)
    expect(isAuthWeakPasswordError(error)).toBe(true)
    expect(error).toMatchObject({ status: 422, code: 'weak_password', reasons: ['length'] })
  })

  test('where addresses are confirmed gives a user and no session; signing in is refused until then', async () => {
    const { open, mock, stored } = await createWorld({ profile: 'hosted', autoConfirm: false })
    const { auth } = open()
    const { data, error } = await auth.signUp(grace)
    expect(error).toBeNull()
    expect(data.session).toBeNull()
    expect(data.user).toMatchObject({ email: grace.email, confirmation_sent_at: expect.any(String) })
    expect((await auth.signInWithPassword(grace)).error).toMatchObject(apiError(400, 'email_not_confirmed'))
    mock.admin.confirm(grace.email)
    expect((await auth.signInWithPassword(grace)).data.user?.email).toBe(grace.email)
    expect(stored()).not.toBeNull()
  })

  test('where addresses are confirmed, an address that somebody has is not told', async () => {
    const { open } = await createWorld({ profile: 'hosted', autoConfirm: false })
    const { data, error } = await open().auth.signUp({ email: ada.email, password: 'another-password' })
    expect(error).toBeNull()
    expect(data).toMatchObject({ session: null, user: { email: ada.email, identities: [] } })
  })

  test('while it is switched off is refused', async () => {
    const { open } = await createWorld({ profile: 'hosted', signUps: false })
    expect((await open().auth.signUp(grace)).error).toMatchObject(apiError(422, 'signup_disabled'))
  })
})

describe('signing in', () => {
  test('finds no weak password, and the user is the one of the token', async () => {
    const { open } = await createWorld({ profile: 'hosted' })
    const { data, error } = await open().auth.signInWithPassword(ada)
    expect(error).toBeNull()
    expect(data.weakPassword).toBeUndefined()
    expect(decodeJwt(data.session?.access_token ?? '').sub).toBe(data.user?.id)
    expect(data.session?.expires_in).toBe(3600)
  })

  test('with a password that is too weak by now works, and says so', async () => {
    const policy = { required: ['0123456789'] }
    const { open } = await createWorld({ profile: 'hosted', passwordPolicy: policy })
    const { data, error } = await open().auth.signInWithPassword(ada)
    expect(error).toBeNull()
    expect(data.session).not.toBeNull()
    expect(data.weakPassword?.reasons).toEqual(['characters'])
  })

  test.each([
    ['a wrong password', { ...ada, password: 'wrong' }],
    ['an unknown address', grace],
  ])('with %s is refused in the same words', async (_what, credentials) => {
    const { open, stored } = await createWorld({ profile: 'hosted' })
    const { error } = await open().auth.signInWithPassword(credentials)
    expect(error).toBeInstanceOf(AuthApiError)
    expect(error).toMatchObject({ ...apiError(400, 'invalid_credentials'), message: 'Invalid login credentials' })
    expect(stored()).toBeNull()
  })

  test('as a banned user is refused; so is everything that the user does with an older session', async () => {
    const { auth, mock, open, session } = await signedIn()
    mock.admin.ban(ada.email)
    expect((await auth.getUser()).error).toMatchObject(apiError(403, 'user_banned'))
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject({ ...apiError(400, 'user_banned'), message: 'Invalid Refresh Token: User Banned' })
    expect((await open().auth.signInWithPassword(ada)).error).toMatchObject(apiError(400, 'user_banned'))
  })
})

describe('an anonymous user', () => {
  test('signs in, and becomes permanent with an address, keeping id and session', async () => {
    const { open } = await createWorld({ profile: 'hosted', anonymousSignIns: true })
    const { auth, events } = open()
    const { data, error } = await auth.signInAnonymously({ options: { data: { theme: 'dark' } } })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ is_anonymous: true, email: '', user_metadata: { theme: 'dark' }, identities: [] })
    const updated = await auth.updateUser({ email: grace.email })
    expect(updated.error).toBeNull()
    expect(updated.data.user).toMatchObject({ id: data.user?.id, is_anonymous: false, email: grace.email })
    const refreshed = await auth.refreshSession()
    expect(decodeJwt(refreshed.data.session?.access_token ?? '')).toMatchObject({ is_anonymous: false })
    expect(events).toEqual(['INITIAL_SESSION', 'SIGNED_IN', 'USER_UPDATED', 'TOKEN_REFRESHED'])
  })

  test('is refused where that is switched off', async () => {
    const { open } = await createWorld({ profile: 'hosted' })
    const { error } = await open().auth.signInAnonymously()
    expect(error).toMatchObject({
      ...apiError(422, 'anonymous_provider_disabled'),
      message: 'Anonymous sign-ins are disabled',
    })
  })
})
