import { defineCase } from '../case.ts'
import { between, different, isError, isStatus, lacks, matches, same } from '../expect.ts'
import { claimsOf } from '../jwt.ts'
import { ban, freshAccount, session, shortTokens, time } from '../needs.ts'
import { nextSecond, tokenMembers } from './words.ts'

/** What every refresh has in common, whatever the refresh tokens look like. */
export const refresh = [
  defineCase('R01a', 'a refresh gives another refresh token', [session], async ({ session, refresh }) => {
    const { refreshToken } = await session()
    const { body } = await isStatus(refresh(refreshToken), 200)
    different(body.refresh_token, refreshToken, 'refresh_token')
  }),
  defineCase('R01b', 'refresh tokens are 12 characters of a-z and 2-7', [session, shortTokens], async (server) => {
    const { refreshToken } = await server.session()
    matches(await server.next(refreshToken), /^[a-z2-7]{12}$/, 'refresh_token')
  }),
  defineCase('R01c', 'a refresh keeps session and user', [session], async ({ session, refresh }) => {
    const { refreshToken, sessionId, userId } = await session()
    const { body } = await isStatus(refresh(refreshToken), 200)
    const { session_id, sub } = claimsOf(body.access_token)
    same([session_id, sub, body.user.id], [sessionId, userId, userId], 'session_id, sub and user.id')
  }),
  defineCase('R01d', 'a later refresh has a later iat', [session, time(2)], async (server) => {
    const { accessToken, refreshToken } = await server.session()
    await server.wait(nextSecond)
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    const [before, after] = [claimsOf(accessToken).iat, claimsOf(body.access_token).iat]
    between(after, Number(before) + 1, Number(before) + 60, 'iat')
  }),
  defineCase('R01e', 'expires_in is the lifetime, expires_at the exp of the token', [session], async (server) => {
    const { refreshToken } = await server.session()
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    const { tokenLifetime } = server.facts
    between(body.expires_in, tokenLifetime - 1, tokenLifetime + 1, 'expires_in')
    same(body.expires_at, claimsOf(body.access_token).exp, 'expires_at')
  }),
  defineCase('R44', 'a refresh adds no entry to amr', [session, time(2)], async ({ session, wait, refresh }) => {
    const { accessToken, refreshToken } = await session()
    await wait(nextSecond)
    const { body } = await isStatus(refresh(refreshToken), 200)
    same(claimsOf(body.access_token).amr, claimsOf(accessToken).amr, 'amr')
  }),
  defineCase('R45', 'the answer has the six members, in order, and no weak_password', [session], async (server) => {
    const { refreshToken } = await server.session()
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    same(Object.keys(body), tokenMembers, 'members')
  }),
  defineCase('R46', 'token_type is bearer in lower case', [session], async ({ session, refresh }) => {
    const { body } = await isStatus(refresh((await session()).refreshToken), 200)
    same(body.token_type, 'bearer', 'token_type')
  }),
  defineCase('R16', "two users' tokens, refreshed in turn, stay with their owners", [freshAccount], async (server) => {
    const users = [await server.session(), await server.ownSession()]
    const tokens = users.map(({ refreshToken }) => refreshToken)
    for (let turn = 0; turn < 6; turn++) {
      const { body } = await isStatus(server.refresh(tokens[turn % 2] ?? ''), 200)
      same(claimsOf(body.access_token).sub, users[turn % 2]?.userId, 'sub')
      tokens[turn % 2] = body.refresh_token
    }
  }),
  defineCase('R24', 'a bearer token on a refresh is not looked at', [session], async ({ session, refresh }) => {
    await isStatus(refresh((await session()).refreshToken, { bearer: 'not-a-token' }), 200)
  }),
  defineCase('R42', 'a success does not carry the version header', [session], async ({ session, refresh }) => {
    const { headers } = await isStatus(refresh((await session()).refreshToken), 200)
    same(headers.get('X-Supabase-Api-Version'), null, 'X-Supabase-Api-Version')
  }),
  defineCase('R47', 'the headers name user and session', [session], async ({ session, refresh }) => {
    const { refreshToken, userId, sessionId } = await session()
    const { headers } = await isStatus(refresh(refreshToken), 200)
    same(headers.get('sb-auth-user-id'), userId, 'sb-auth-user-id')
    same(headers.get('sb-auth-session-id'), sessionId, 'sb-auth-session-id')
  }),
  defineCase('R60', 'the user of the answer is the one of GET /user', [session], async ({ session, refresh, user }) => {
    const { body } = await isStatus(refresh((await session()).refreshToken), 200)
    const { updated_at: _then, ...asked } = (await isStatus(user(body.access_token), 200)).body
    const { updated_at: _now, ...told } = body.user
    same(told, asked, 'user')
  }),
  defineCase('R28a', 'a banned user cannot refresh', [freshAccount, ban], async ({ ownSession, ban, refresh }) => {
    const session = await ownSession()
    await ban(session)
    await isError(refresh(session.refreshToken), 400, 'user_banned', 'Invalid Refresh Token: User Banned')
  }),
  defineCase('R28b', 'the refusal of a banned user names user, not session', [freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await server.ban(session)
    const { headers } = await isError(server.refresh(session.refreshToken), 400, 'user_banned')
    same(headers.get('sb-auth-user-id'), session.userId, 'sb-auth-user-id')
    same(headers.get('sb-auth-session-id'), null, 'sb-auth-session-id')
  }),
  defineCase('R29', 'lifting a ban makes the same token good again', [freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await server.ban(session)
    await isError(server.refresh(session.refreshToken), 400, 'user_banned')
    await server.ban(session, false)
    await isStatus(server.refresh(session.refreshToken), 200)
  }),
  defineCase('R37a', 'changed metadata is in the next access token', [freshAccount], async (server) => {
    const { accessToken, refreshToken } = await server.ownSession()
    await isStatus(server.put('/user', { data: { a: 1 } }, { bearer: accessToken }), 200)
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    same(Object(claimsOf(body.access_token).user_metadata).a, 1, 'user_metadata.a')
  }),
  defineCase('R37b', 'changed metadata is in the user of the next answer', [freshAccount], async (server) => {
    const { accessToken, refreshToken } = await server.ownSession()
    await isStatus(server.put('/user', { data: { a: 1 } }, { bearer: accessToken }), 200)
    const { body } = await isStatus(server.refresh(refreshToken), 200)
    same(body.user.user_metadata.a, 1, 'user.user_metadata.a')
  }),
  defineCase('R48', 'last_sign_in_at is the sign-in, not the refresh', [freshAccount, time(2)], async (server) => {
    const { accessToken, refreshToken } = await server.ownSession()
    const before = (await isStatus(server.user(accessToken), 200)).body
    await server.wait(nextSecond)
    const { access_token: renewed } = (await isStatus(server.refresh(refreshToken), 200)).body
    const after = (await isStatus(server.user(renewed), 200)).body
    same(Date.parse(after.last_sign_in_at), Date.parse(before.last_sign_in_at), 'last_sign_in_at')
    lacks(after, ['banned_until'], 'the user')
  }),
]
