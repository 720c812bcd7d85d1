import { AuthSessionMissingError, AuthWeakPasswordError } from '@supabase/supabase-js'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { ada, apiError, createWorld, grace, HOUR, signedIn } from './client.ts'

describe('getUser and getClaims', () => {
  test('without a session no request is sent', async () => {
    const { open, mock } = await createWorld()
    const { error } = await open().auth.getUser()
    expect(error).toBeInstanceOf(AuthSessionMissingError)
    expect(mock.log).toEqual([])
  })

  test('getUser gives the same user as the sign-in', async () => {
    const { auth, session } = await signedIn()
    const { data, error } = await auth.getUser()
    expect(error).toBeNull()
    expect(data.user?.id).toBe(decodeJwt(session.access_token).sub)
  })

  test('getUser on a session that has ended elsewhere signs out here', async () => {
    const { auth, events, mock, stored } = await signedIn()
    mock.admin.revokeSessions()
    const { error } = await auth.getUser()
    expect(error).toBeInstanceOf(AuthSessionMissingError)
    expect(events.at(-1)).toBe('SIGNED_OUT')
    expect(stored()).toBeNull()
  })

  test('getUser with a token that is none is refused', async () => {
    const { open } = await createWorld()
    const { error } = await open().auth.getUser('not-a-token')
    expect(error).toMatchObject({ ...apiError(403, 'bad_jwt'), message: expect.stringMatching(/^invalid JWT: /) })
  })

  test('getClaims asks the server about an HS256 token', async () => {
    const { auth, mock, session } = await signedIn()
    const { data, error } = await auth.getClaims()
    expect(error).toBeNull()
    expect(data?.claims.session_id).toBe(decodeJwt(session.access_token).session_id)
    expect(mock.count('user')).toBe(1)
  })

  test('getClaims checks an ES256 token by itself, with the public key of the server', async () => {
    const { auth, mock, session } = await signedIn({ signing: 'ES256' })
    const { data, error } = await auth.getClaims()
    expect(error).toBeNull()
    expect(data?.header.alg).toBe('ES256')
    expect(data?.claims.session_id).toBe(decodeJwt(session.access_token).session_id)
    expect(mock.count('user')).toBe(0)
    expect(mock.log.map(({ path }) => path)).toContain('/auth/v1/.well-known/jwks.json')
  })

  test('getClaims finds out an ES256 token that was changed', async () => {
    const { auth, session } = await signedIn({ signing: 'ES256' })
    const [header, , signature] = session.access_token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(session.access_token), role: 'service_role' }))
    const { error } = await auth.getClaims(`${header}.${claims.toString('base64url')}.${signature}`)
    expect(error).toMatchObject({ name: 'AuthInvalidJwtError', message: 'Invalid JWT signature' })
  })
})

describe('updateUser', () => {
  test('merges data, and a null takes a member away', async () => {
    const { auth, events } = await signedIn()
    expect((await auth.updateUser({ data: { a: 1, b: 2 } })).data.user?.user_metadata).toMatchObject({ a: 1, b: 2 })
    const { data } = await auth.updateUser({ data: { a: null } })
    expect(data.user?.user_metadata).not.toHaveProperty('a')
    expect(data.user?.user_metadata).toHaveProperty('b', 2)
    expect(events.at(-1)).toBe('USER_UPDATED')
  })

  test('a new password is refused when it is the old one, and works when it is another', async () => {
    const { auth } = await signedIn()
    expect((await auth.updateUser({ password: ada.password })).error).toMatchObject(apiError(422, 'same_password'))
    expect((await auth.updateUser({ password: 'another-horse' })).error).toBeNull()
    expect((await auth.signInWithPassword(ada)).error).toMatchObject(apiError(400, 'invalid_credentials'))
    expect((await auth.signInWithPassword({ ...ada, password: 'another-horse' })).error).toBeNull()
  })

  test('a new password ends the other sessions, and keeps this one', async () => {
    const { auth, stored, shelf, open } = await signedIn()
    const first = stored()
    shelf.clear()
    await open().auth.signInWithPassword(ada)
    expect((await open().auth.updateUser({ password: 'another-horse' })).error).toBeNull()
    expect((await open().auth.getUser()).error).toBeNull()
    expect((await auth.refreshSession({ refresh_token: first?.refresh_token ?? '' })).error).toMatchObject(
      apiError(400, 'refresh_token_not_found'),
    )
  })

  test('a new address waits for its confirmation; one that somebody has is refused', async () => {
    const { auth } = await signedIn({ users: [ada, grace] })
    const { data, error } = await auth.updateUser({ email: 'ada@elsewhere.test' })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ email: ada.email, new_email: 'ada@elsewhere.test' })
    expect((await auth.updateUser({ email: grace.email })).error).toMatchObject(apiError(422, 'email_exists'))
  })

  test('a weak password tells the reasons', async () => {
    const { auth } = await signedIn({ passwordPolicy: { leaked: ['hunter22'] } })
    const { error } = await auth.updateUser({ password: 'hunter22' })
    expect(error).toBeInstanceOf(AuthWeakPasswordError)
    expect(error).toMatchObject({ reasons: ['pwned'] })
  })

  test('where that is asked for, a code from a mail lets an old session change the password', async () => {
    const { auth, mock, advance } = await signedIn({ requireReauthentication: true })
    await advance(25 * HOUR)
    expect((await auth.updateUser({ password: 'another-horse' })).error).toMatchObject(
      apiError(400, 'reauthentication_needed'),
    )
    expect((await auth.reauthenticate()).error).toBeNull()
    const nonce = mock.admin.reauthenticationCode(ada.email) ?? ''
    expect((await auth.updateUser({ password: 'another-horse', nonce: '000000' })).error).toMatchObject(
      apiError(422, 'reauthentication_not_valid'),
    )
    expect((await auth.updateUser({ password: 'another-horse', nonce })).error).toBeNull()
  })
})

describe('signing out', () => {
  /** Two devices of one user: two storages. */
  async function devices() {
    const world = await signedIn()
    const other = world.stored()
    world.shelf.clear()
    const { auth, events } = world.open()
    await auth.signInWithPassword(ada)
    const isGood = async (token = '') => (await auth.getUser(token)).error === null
    return { ...world, auth, events, own: world.stored(), other, isGood }
  }

  test.each([
    ['global', false, false, null],
    ['local', false, true, null],
    ['others', true, false, 'kept'],
  ] as const)('scope %s: own session good: %s, other good: %s', async (scope, own, other, kept) => {
    const world = await devices()
    expect((await world.auth.signOut({ scope })).error).toBeNull()
    expect(world.stored() === null).toBe(kept === null)
    expect(world.events.includes('SIGNED_OUT')).toBe(kept === null)
    expect(await world.isGood(world.own?.access_token)).toBe(own)
    expect(await world.isGood(world.other?.access_token)).toBe(other)
  })

  test('of a session that the server has ended already is no error', async () => {
    const { auth, mock, stored } = await signedIn()
    mock.admin.revokeSessions()
    expect((await auth.signOut()).error).toBeNull()
    expect(stored()).toBeNull()
  })

  test('leaves refresh tokens that are not found', async () => {
    const { auth, session } = await signedIn()
    await auth.signOut({ scope: 'local' })
    const { error } = await auth.refreshSession({ refresh_token: session.refresh_token })
    expect(error).toMatchObject({
      ...apiError(400, 'refresh_token_not_found'),
      message: 'Invalid Refresh Token: Refresh Token Not Found',
    })
  })
})
