import { defineCase } from '../case.ts'
import { different, isError, isStatus, lacks, matches, same } from '../expect.ts'
import { claimsOf } from '../jwt.ts'
import { autoconfirm } from '../needs.ts'
import { newCredentials, type Target } from '../target.ts'
import { tokenMembers } from './words.ts'

const needs = [autoconfirm]

async function signUp(server: Target, extra: object = {}) {
  const credentials = newCredentials()
  const answer = await isStatus(server.post('/signup', { ...credentials, ...extra }), 200)
  return { ...credentials, ...answer }
}

/** What a server that confirms addresses by itself answers to a sign-up. */
export const signUpAnswers = [
  defineCase('S01a', 'the answer has the members of a token answer, in order', needs, async (server) => {
    same(Object.keys((await signUp(server)).body), tokenMembers, 'members')
  }),
  defineCase('S01b', 'the user: address, role, audience, no phone, not anonymous', needs, async (server) => {
    const { body, email } = await signUp(server)
    const { user } = body
    same(
      [user.email, user.role, user.aud, user.phone, user.is_anonymous],
      [email, 'authenticated', 'authenticated', '', false],
      'email, role, aud, phone, is_anonymous',
    )
  }),
  defineCase('S01c', 'user_metadata has the four members of the server and the data', needs, async (server) => {
    const { body, email } = await signUp(server, { data: { name: 'Ada' } })
    const { user_metadata: data, id } = body.user
    same(data, { email, email_verified: true, name: 'Ada', phone_verified: false, sub: id }, 'user_metadata')
  }),
  defineCase('S01d', 'the data cannot override those four', needs, async (server) => {
    const fake = { email: 'x@y.z', email_verified: 'no', phone_verified: true, sub: 'me' }
    const { body, email } = await signUp(server, { data: fake })
    const { user_metadata: data, id } = body.user
    same(data, { email, email_verified: true, phone_verified: false, sub: id }, 'user_metadata')
  }),
  defineCase('S01e', 'app_metadata names the provider', needs, async (server) => {
    const { app_metadata: data } = (await signUp(server)).body.user
    same(data, { provider: 'email', providers: ['email'] }, 'app_metadata')
  }),
  defineCase('S01f', 'amr is one entry: password', needs, async (server) => {
    const { amr, iat } = claimsOf((await signUp(server)).body.access_token)
    same(Array.isArray(amr) ? amr.map(({ method }) => method) : amr, ['password'], 'methods')
    matches(Object(amr)[0].timestamp, /^\d{10}$/, 'timestamp')
    same(Math.abs(Object(amr)[0].timestamp - Number(iat)) <= 1, true, 'timestamp within a second of iat')
  }),
  defineCase('S01g', 'one identity, of provider email, whose id is the user id', needs, async (server) => {
    const { identities, id, email } = (await signUp(server)).body.user
    const seen = identities.map((row: Record<string, unknown>) => [row.provider, row.id, row.user_id, row.email])
    same(seen, [['email', id, id, email]], 'provider, id, user_id, email')
    different(identities[0].identity_id, id, 'identity_id')
  }),
  defineCase('S01h', 'confirmed_at is missing at first', needs, async (server) => {
    const { user } = (await signUp(server)).body
    lacks(user, ['confirmed_at'], 'the user')
    matches(user.email_confirmed_at, /^\d{4}-\d\d-\d\dT/, 'email_confirmed_at')
  }),
  defineCase('S01i', 'confirmed_at is there later', needs, async (server) => {
    const { body } = await isStatus(server.user((await signUp(server)).body.access_token), 200)
    matches(body.confirmed_at, /^\d{4}-\d\d-\d\dT/, 'confirmed_at')
  }),
  defineCase('S01j', 'email_verified of the identity: true at first, false later', needs, async (server) => {
    const { body } = await signUp(server)
    const later = (await isStatus(server.user(body.access_token), 200)).body
    const seen = [body.user, later].map(({ identities }) => identities[0].identity_data.email_verified)
    same(seen, [true, false], 'email_verified, then and later')
  }),
  defineCase('S01k', 'nothing secret is in the user', needs, async (server) => {
    const secrets = ['encrypted_password', 'password', 'confirmation_token', 'recovery_token', 'is_sso_user']
    lacks((await signUp(server)).body.user, secrets, 'the user')
  }),
  defineCase('S01l', 'absent times and factors are left out, not null', needs, async (server) => {
    const absent = ['banned_until', 'deleted_at', 'invited_at', 'phone_confirmed_at', 'factors', 'new_email']
    lacks((await signUp(server)).body.user, absent, 'the user')
  }),
  defineCase('S01m', 'times are RFC 3339 in UTC without trailing zeros', needs, async (server) => {
    const { user } = (await signUp(server)).body
    for (const name of ['created_at', 'updated_at', 'last_sign_in_at', 'email_confirmed_at']) {
      matches(user[name], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/, name)
    }
  }),
  defineCase('S01n', 'the headers name user and session', needs, async (server) => {
    const { body, headers } = await signUp(server)
    same(
      [headers.get('sb-auth-user-id'), headers.get('sb-auth-session-id')],
      [body.user.id, claimsOf(body.access_token).session_id],
      'sb-auth-user-id and sb-auth-session-id',
    )
  }),
  defineCase('S01o', 'ids are UUIDs of version 4', needs, async (server) => {
    const { user } = (await signUp(server)).body
    matches(user.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'id')
  }),
  defineCase('S01p', 'the members of user_metadata are in alphabetical order', needs, async (server) => {
    const { body } = await signUp(server, { data: { zebra: 1, ant: 2 } })
    const names = Object.keys(body.user.user_metadata)
    same(names, [...names].sort(), 'members')
  }),
  defineCase('S02', 'the same address again is already registered', needs, async (server) => {
    const { email, password } = await signUp(server)
    await isError(server.post('/signup', { email, password }), 422, 'user_already_exists', 'User already registered')
  }),
  defineCase('S09a', 'addresses are kept in lower case', needs, async (server) => {
    const { email, password } = newCredentials()
    const { body } = await isStatus(server.post('/signup', { email: email.toUpperCase(), password }), 200)
    same(body.user.email, email, 'email')
  }),
  defineCase('S09b', 'an address is registered in any case', needs, async (server) => {
    const { email, password } = await signUp(server)
    await isError(server.post('/signup', { email: email.toUpperCase(), password }), 422, 'user_already_exists')
  }),
  defineCase('S22', 'the nulls that the official client sends are no trouble', needs, async (server) => {
    const nulls = { data: {}, gotrue_meta_security: {}, code_challenge: null, code_challenge_method: null }
    await signUp(server, nulls)
  }),
  defineCase('S23', 'a path with a slash at the end is the same', needs, async (server) => {
    await isStatus(server.post('/signup/', newCredentials()), 200)
  }),
  defineCase('S06b', 'a password of 72 bytes is taken', needs, async (server) => {
    await signUp(server, { password: 'p'.repeat(72) })
  }),
  defineCase('S05e', 'a password of the least length is taken', needs, async (server) => {
    await signUp(server, { password: 'aB3$'.repeat(20).slice(0, server.facts.passwordLength) })
  }),
  defineCase('S10b', 'a host without a dot is taken', needs, async (server) => {
    const { email, password } = newCredentials()
    await isStatus(server.post('/signup', { email: email.replace('.com', ''), password }), 200)
  }),
]
