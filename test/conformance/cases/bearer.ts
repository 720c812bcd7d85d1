import { randomUUID } from 'node:crypto'
import { defineCase } from '../case.ts'
import { isError, isStatus } from '../expect.ts'
import { claimsOf, forge } from '../jwt.ts'
import { ban, es256, freshAccount, frozen, hs256, jwtApikey, jwtSecret, session, time } from '../needs.ts'
import type { Session, Target } from '../target.ts'

const noBearer = 'This endpoint requires a valid Bearer token'
const unverified = 'invalid JWT: unable to parse or verify signature, '
const malformed = `${unverified}token is malformed: token contains an invalid number of segments`
const wrongSignature = `${unverified}token signature is invalid: signature is invalid`
const expired = `${unverified}token has invalid claims: token is expired`
const nilUuid = '00000000-0000-0000-0000-000000000000'

const withHeader = (id: string, title: string, Authorization: string) =>
  defineCase(id, title, [], async ({ get }) => {
    await isError(get('/user', { headers: { Authorization } }), 401, 'no_authorization', noBearer)
  })

/** Asks for the user with the token of `session`, some claims replaced, signed with the server's secret. */
const askAs = (server: Target, { accessToken }: Session, change: Readonly<Record<string, unknown>>) =>
  server.user(forge({ ...claimsOf(accessToken), ...change }, server.facts.jwtSecret ?? ''))

const forging = [session, jwtSecret, hs256]

/** Who may ask for the user, in the order of the checks. */
export const bearer = [
  defineCase('B1a', 'no Authorization header', [], async ({ get }) => {
    await isError(get('/user'), 401, 'no_authorization', noBearer)
  }),
  withHeader('B1b', 'another scheme', 'Basic abc'),
  withHeader('B1c', 'a scheme without a token', 'Bearer'),
  withHeader('B1d', 'two words after the scheme', 'Bearer a b'),
  defineCase('U01', 'a good token', [session], async ({ session, user }) => {
    await isStatus(user((await session()).accessToken), 200)
  }),
  defineCase('U02', 'the scheme in lower case', [session], async ({ session, get }) => {
    const { accessToken } = await session()
    await isStatus(get('/user', { headers: { Authorization: `bearer ${accessToken}` } }), 200)
  }),
  defineCase('U03', 'a token that is no JWT', [], async ({ user }) => {
    await isError(user('garbage'), 403, 'bad_jwt', malformed)
  }),
  defineCase('U04', 'an expired token', [session, time(({ tokenLifetime }) => tokenLifetime + 1)], async (server) => {
    const { accessToken } = await server.session()
    await server.wait(server.facts.tokenLifetime + 1)
    await isError(server.user(accessToken), 403, 'bad_jwt', expired)
  }),
  defineCase('B2a', 'a token in its last second is good', [session, frozen], async (server) => {
    const { accessToken } = await server.session()
    await server.wait(server.facts.tokenLifetime - 1)
    await isStatus(server.user(accessToken), 200)
  }),
  defineCase('B2b', 'a token is expired at exp itself, without leeway', [session, frozen], async (server) => {
    const { accessToken } = await server.session()
    await server.wait(server.facts.tokenLifetime)
    await isError(server.user(accessToken), 403, 'bad_jwt', expired)
  }),
  defineCase('U05', 'a token signed with another secret', [session, hs256], async ({ session, user }) => {
    const token = forge(claimsOf((await session()).accessToken), 'another-secret')
    await isError(user(token), 403, 'bad_jwt', wrongSignature)
  }),
  defineCase('B2c', 'a token whose claims were changed', [session], async ({ session, user }) => {
    const [header, , signature] = (await session()).accessToken.split('.')
    const claims = Buffer.from(JSON.stringify({ sub: randomUUID() })).toString('base64url')
    await isError(user(`${header}.${claims}.${signature}`), 403, 'bad_jwt')
  }),
  defineCase('B2d', 'a token signed by an algorithm that is not in use', [session, hs256], async (server) => {
    const token = forge(claimsOf((await server.session()).accessToken), 'secret', { alg: 'HS384' })
    const message = `${unverified}token signature is invalid: signing method HS384 is invalid`
    await isError(server.user(token), 403, 'bad_jwt', message)
  }),
  defineCase('B2e', 'a token that names a key that is not there', [session, es256], async (server) => {
    const token = forge(claimsOf((await server.session()).accessToken), 'secret', { alg: 'ES256', kid: 'nobody' })
    const message =
      'token is unverifiable: error while executing keyfunc: unrecognized JWT kid nobody for algorithm ES256'
    await isError(server.user(token), 403, 'bad_jwt', unverified + message)
  }),
  defineCase('U06', 'the API key as the token of a user', [jwtApikey, hs256], async ({ user, facts }) => {
    await isError(user(facts.apikey), 403, 'bad_jwt', 'invalid claim: missing sub claim')
  }),
  defineCase('B3', 'a token without sub', forging, async (server) => {
    const answer = askAs(server, await server.session(), { sub: undefined })
    await isError(answer, 403, 'bad_jwt', 'invalid claim: missing sub claim')
  }),
  defineCase('B4', 'a sub that is no UUID', forging, async (server) => {
    const answer = askAs(server, await server.session(), { sub: 'ada' })
    await isError(answer, 400, 'bad_jwt', 'invalid claim: sub claim must be a UUID')
  }),
  defineCase('B5', 'a user that is gone', forging, async (server) => {
    const answer = askAs(server, await server.session(), { sub: randomUUID() })
    await isError(answer, 403, 'user_not_found', 'User from sub claim in JWT does not exist')
  }),
  defineCase('B6', 'a session_id that is no UUID', forging, async (server) => {
    const answer = askAs(server, await server.session(), { session_id: 'mine' })
    await isError(answer, 403, 'bad_jwt', 'invalid claim: session_id claim must be a UUID')
  }),
  defineCase('B7a', 'a session that is gone', forging, async (server) => {
    const answer = askAs(server, await server.session(), { session_id: randomUUID() })
    await isError(answer, 403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  }),
  defineCase('B7b', 'the nil UUID as session_id', forging, async (server) => {
    await isStatus(askAs(server, await server.session(), { session_id: nilUuid }), 200)
  }),
  defineCase('B7c', 'no session_id', forging, async (server) => {
    await isStatus(askAs(server, await server.session(), { session_id: undefined }), 200)
  }),
  defineCase('B7d', 'a user that is gone is noticed before a bad session_id', forging, async (server) => {
    const answer = askAs(server, await server.session(), { sub: randomUUID(), session_id: 'mine' })
    await isError(answer, 403, 'user_not_found')
  }),
  defineCase('R28c', 'a banned user', [freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await server.ban(session)
    await isError(server.user(session.accessToken), 403, 'user_banned', 'User is banned')
  }),
  defineCase('B8', 'a session that is gone is noticed before a ban', [freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await isStatus(server.logout(session.accessToken, 'local'), 204)
    await server.ban(session)
    await isError(server.user(session.accessToken), 403, 'session_not_found')
  }),
]
