import { defineCase } from '../case.ts'
import { different, isError, isStatus, lacks, same } from '../expect.ts'
import { autoconfirm, freePassword, freshAccount, operator, session, signUp } from '../needs.ts'
import { newCredentials, type Session, type Target } from '../target.ts'

const needs = [freshAccount]
const changing = [freshAccount, freePassword]

/** Changes the user of a session. */
const change = (server: Target, { accessToken }: Session, body: unknown) =>
  server.put('/user', body, { bearer: accessToken })

const refused = (id: string, title: string, body: unknown, status: number, code: string, message?: string | RegExp) =>
  defineCase(id, title, needs, async (server) => {
    await isError(change(server, await server.ownSession(), body), status, code, message)
  })

/** Reading and changing the own user. */
export const user = [
  defineCase('U07', 'another audience than the token has', [session], async ({ session, user }) => {
    const headers = { 'X-JWT-AUD': 'somebody' }
    const message = "Token audience doesn't match request audience"
    await isError(user((await session()).accessToken, { headers }), 400, 'validation_failed', message)
  }),
  defineCase('U14', 'the user is the one of the sign-in', [session], async ({ session, user }) => {
    const { accessToken, userId, email } = await session()
    const { body } = await isStatus(user(accessToken), 200)
    same([body.id, body.email], [userId, email], 'id, email')
  }),
  defineCase('U15', 'a slash at the end of the path is the same', [session], async ({ session, get }) => {
    await isStatus(get('/user/', { bearer: (await session()).accessToken }), 200)
  }),
  defineCase('U09a', 'a new member of data appears', needs, async (server) => {
    const { body } = await isStatus(change(server, await server.ownSession(), { data: { a: 1 } }), 200)
    same(body.user_metadata.a, 1, 'user_metadata.a')
  }),
  defineCase('U09b', 'a member set to null is gone', needs, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { data: { a: 1, b: 2 } }), 200)
    const { body } = await isStatus(change(server, session, { data: { a: null } }), 200)
    lacks(body.user_metadata, ['a'], 'user_metadata')
    same(body.user_metadata.b, 2, 'user_metadata.b')
  }),
  defineCase('U09c', 'a change stays', needs, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { data: { a: 1 } }), 200)
    same((await isStatus(server.user(session.accessToken), 200)).body.user_metadata.a, 1, 'user_metadata.a')
  }),
  defineCase('U16', 'the answer is the bare user, without tokens', needs, async (server) => {
    const session = await server.ownSession()
    const { body } = await isStatus(change(server, session, { data: {} }), 200)
    same(body.id, session.userId, 'id')
    lacks(body, ['access_token', 'refresh_token', 'user'], 'body')
  }),
  defineCase('U17', 'a change does not rotate the refresh token', needs, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { data: { a: 1 } }), 200)
    await isStatus(server.refresh(session.refreshToken), 200)
  }),
  defineCase('U18a', 'after a new password the old one is wrong', changing, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { password: 'another-password' }), 200)
    await isError(server.signIn({ email: session.email, password: session.password }), 400, 'invalid_credentials')
  }),
  defineCase('U18b', 'after a new password the new one is right', changing, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { password: 'another-password' }), 200)
    await server.sessionOf({ email: session.email, password: 'another-password' })
  }),
  defineCase('U18c', 'a new password ends the other sessions', changing, async (server) => {
    const session = await server.ownSession()
    const other = await server.sessionOf(session)
    await isStatus(change(server, session, { password: 'another-password' }), 200)
    await isError(server.refresh(other.refreshToken), 400, 'refresh_token_not_found')
  }),
  defineCase('U18d', 'a new password keeps the own session', changing, async (server) => {
    const session = await server.ownSession()
    await isStatus(change(server, session, { password: 'another-password' }), 200)
    await isStatus(server.refresh(session.refreshToken), 200)
  }),
  defineCase('U19', 'a new address is pending, even where addresses are not confirmed', needs, async (server) => {
    const session = await server.ownSession()
    const { email } = newCredentials()
    const { body } = await isStatus(change(server, session, { email }), 200)
    same([body.email, body.new_email], [session.email, email], 'email, new_email')
  }),
  defineCase('U08', 'the same password', changing, async (server) => {
    const session = await server.ownSession()
    const message = 'New password should be different from the old password.'
    await isError(change(server, session, { password: session.password }), 422, 'same_password', message)
  }),
  defineCase('U20', 'an address that somebody has', [freshAccount, session], async (server) => {
    const { email } = await server.session()
    const message = 'A user with this email address has already been registered'
    await isError(change(server, await server.ownSession(), { email }), 422, 'email_exists', message)
  }),
  refused('U11', 'app_metadata', { app_metadata: { admin: true } }, 403, 'not_admin'),
  refused('U21', 'an address that is none', { email: 'x' }, 400, 'validation_failed', /invalid format$/),
  refused('U22a', 'a weak password', { password: '12345' }, 422, 'weak_password'),
  refused('U22b', 'a password of 73 bytes', { password: 'p'.repeat(73) }, 400, 'validation_failed'),
  refused('U23a', 'an empty body', '', 400, 'bad_json', /unexpected end of JSON input$/),
  refused('U23b', 'data that is text', '{"data":"x"}', 400, 'bad_json'),
  refused('U32', 'a number that is none', { phone: 'x' }, 400, 'validation_failed'),
  defineCase('U33', 'a password set by an operator ends all sessions', [freshAccount, operator], async (server) => {
    const session = await server.ownSession()
    await server.setPassword(session, 'another-password')
    await isError(server.refresh(session.refreshToken), 400, 'refresh_token_not_found')
    await isError(server.user(session.accessToken), 403, 'session_not_found')
  }),
  defineCase(
    'U34',
    'a user whom an operator deletes is gone, with all sessions',
    [freshAccount, operator],
    async (server) => {
      const session = await server.ownSession()
      await server.deleteAccount(session)
      await isError(server.refresh(session.refreshToken), 400, 'refresh_token_not_found')
      const message = 'User from sub claim in JWT does not exist'
      await isError(server.user(session.accessToken), 403, 'user_not_found', message)
    },
  ),
  defineCase('U24', 'without a token', [], async ({ put }) => {
    await isError(put('/user', { data: {} }), 401, 'no_authorization')
  }),
  defineCase('U25', 'a change moves updated_at', [autoconfirm, signUp], async (server) => {
    const session = await server.ownSession()
    const before = (await isStatus(server.user(session.accessToken), 200)).body.updated_at
    await server.wait(server.facts.frozen ? 1 : 0.01)
    different((await isStatus(change(server, session, { data: { a: 1 } }), 200)).body.updated_at, before, 'updated_at')
  }),
]
