import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { claimsOf } from '../jwt.ts'
import { anonymous, autoconfirm } from '../needs.ts'
import { newCredentials, type Target } from '../target.ts'
import { tokenMembers } from './words.ts'

const needs = [anonymous]
const upgrading = [anonymous, autoconfirm]

const signUp = (server: Target, body: object = {}) => isStatus(server.post('/signup', body), 200)
const methods = (amr: unknown): unknown => (Array.isArray(amr) ? amr.map(({ method }) => method) : amr)

/** Gives an anonymous user an address. */
async function upgraded(server: Target) {
  const { accessToken, refreshToken, userId } = await server.anonymousSession()
  const { email } = newCredentials()
  const { body } = await isStatus(server.put('/user', { email }, { bearer: accessToken }), 200)
  return { body, email, refreshToken, userId }
}

/** A sign-up without address and number. */
export const anonymousUsers = [
  defineCase('S30a', 'the answer has the members of a token answer, in order', needs, async (server) => {
    const { body } = await signUp(server, { data: {}, gotrue_meta_security: {} })
    same(Object.keys(body), tokenMembers, 'members')
  }),
  defineCase('S30b', 'the user is anonymous and has nothing', needs, async (server) => {
    const { user } = (await signUp(server)).body
    same(
      [user.is_anonymous, user.email, user.phone, user.identities, user.app_metadata, user.role],
      [true, '', '', [], {}, 'authenticated'],
      'is_anonymous, email, phone, identities, app_metadata, role',
    )
  }),
  defineCase('S30c', 'user_metadata is the data', needs, async (server) => {
    same((await signUp(server, { data: { a: 1 } })).body.user.user_metadata, { a: 1 }, 'user_metadata')
  }),
  defineCase('S30d', 'the access token says anonymous', needs, async (server) => {
    const { is_anonymous, amr, email } = claimsOf((await signUp(server)).body.access_token)
    same([is_anonymous, methods(amr), email], [true, ['anonymous'], ''], 'is_anonymous, amr, email')
  }),
  defineCase('R38', 'a refresh stays anonymous', needs, async (server) => {
    const { body } = await isStatus(server.refresh((await server.anonymousSession()).refreshToken), 200)
    const { is_anonymous, amr } = claimsOf(body.access_token)
    same([is_anonymous, methods(amr)], [true, ['anonymous']], 'is_anonymous and amr')
  }),
  defineCase('S30e', 'each sign-up is another user', needs, async (server) => {
    const ids = [await server.anonymousSession(), await server.anonymousSession()].map(({ userId }) => userId)
    same(new Set(ids).size, 2, 'different ids')
  }),
  defineCase('S30f', 'an anonymous user may not enrol a factor', needs, async (server) => {
    const { accessToken } = await server.anonymousSession()
    const message = 'Anonymous user not allowed to perform these actions'
    await isError(server.post('/factors', {}, { bearer: accessToken }), 403, 'no_authorization', message)
  }),
  defineCase('U12a', 'an address makes the user permanent at once', upgrading, async (server) => {
    const { body, email } = await upgraded(server)
    same([body.is_anonymous, body.email, body.identities.length], [false, email, 1], 'is_anonymous, email, identities')
  }),
  defineCase('U12b', 'the user keeps the id', upgrading, async (server) => {
    const { body, userId } = await upgraded(server)
    same(body.id, userId, 'id')
  }),
  defineCase('U12c', 'the next access token is not anonymous', upgrading, async (server) => {
    const { refreshToken, email } = await upgraded(server)
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    const claims = claimsOf(body.access_token)
    same([claims.is_anonymous, claims.email], [false, email], 'is_anonymous and email')
  }),
  defineCase('U13', 'a password without an address is refused', needs, async (server) => {
    const { accessToken } = await server.anonymousSession()
    await isError(server.put('/user', { password: 'long-enough' }, { bearer: accessToken }), 422, 'validation_failed')
  }),
]
