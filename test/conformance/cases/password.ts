import { defineCase } from '../case.ts'
import { between, different, isError, isStatus, lacks, matches, same } from '../expect.ts'
import { claimsOf } from '../jwt.ts'
import { ban, emailOff, freshAccount, phoneOff, session, time, v1 } from '../needs.ts'
import { newCredentials } from '../target.ts'
import { nextSecond, tokenMembers } from './words.ts'

const wrong = { password: 'wrong-password' }
const invalid = 'Invalid login credentials'

/** Signing in with a password. */
export const passwordGrant = [
  defineCase('L01a', 'a wrong password', [session], async ({ session, signIn }) => {
    const { email } = await session()
    await isError(signIn({ email, ...wrong }), 400, 'invalid_credentials', invalid)
  }),
  defineCase('L01b', 'an unknown address', [], async ({ signIn }) => {
    await isError(signIn(newCredentials()), 400, 'invalid_credentials', invalid)
  }),
  defineCase('L01c', 'the two are answered with the same body', [session], async ({ session, signIn }) => {
    const { email } = await session()
    const answers = [await signIn({ email, ...wrong }), await signIn(newCredentials())]
    same(answers[0]?.text, answers[1]?.text, 'body')
  }),
  defineCase('L02a', 'an empty body is bad_json', [], async ({ signIn }) => {
    await isError(signIn(''), 400, 'bad_json', /unexpected end of JSON input$/)
  }),
  defineCase('L02b', 'a password that is a number is bad_json', [], async ({ signIn }) => {
    await isError(signIn('{"email":"a@b.co","password":5}'), 400, 'bad_json')
  }),
  defineCase('L03a', 'an address and a number', [], async ({ signIn }) => {
    const message = 'Only an email address or phone number should be provided on login.'
    await isError(signIn({ ...newCredentials(), phone: '15550101' }), 400, 'validation_failed', message)
  }),
  defineCase('L03b', 'neither address nor number', [], async ({ signIn }) => {
    await isError(signIn(wrong), 400, 'validation_failed', 'missing email or phone')
  }),
  defineCase('L04', 'a success has weak_password, and it is null', [session], async ({ session, signIn }) => {
    const { email, password } = await session()
    const { body } = await isStatus(signIn({ email, password }), 200)
    same([Object.keys(body), body.weak_password], [[...tokenMembers, 'weak_password'], null], 'members, weak_password')
  }),
  defineCase('L05', 'a number while phones are off', [phoneOff], async ({ signIn }) => {
    const message = 'Phone logins are disabled'
    await isError(signIn({ phone: '15550101', ...wrong }), 422, 'phone_provider_disabled', message)
  }),
  defineCase('L06a', 'a banned user', [freshAccount, ban], async ({ ownSession, ban, signIn }) => {
    const { email, password, ...session } = await ownSession()
    await ban({ email, password, ...session })
    await isError(signIn({ email, password }), 400, 'user_banned', 'User is banned')
  }),
  defineCase('L06b', 'a ban is noticed before the password', [freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await server.ban(session)
    await isError(server.signIn({ email: session.email, ...wrong }), 400, 'user_banned', 'User is banned')
  }),
  defineCase('L08', 'the address matches in any case', [session], async ({ session, signIn }) => {
    const { email, password } = await session()
    await isStatus(signIn({ email: email.toUpperCase(), password }), 200)
  }),
  defineCase('L09', 'last_sign_in_at is now', [freshAccount, time(2)], async (server) => {
    const { email, password, accessToken } = await server.ownSession()
    const before = (await isStatus(server.user(accessToken), 200)).body
    await server.wait(nextSecond)
    const { body } = await isStatus(server.signIn({ email, password }), 200)
    const moved = Date.parse(body.user.last_sign_in_at) - Date.parse(before.last_sign_in_at)
    between(moved, 1000, 60_000, 'ms by which last_sign_in_at moved')
  }),
  defineCase('L10', 'amr is one entry: password', [session], async ({ session }) => {
    const { amr } = claimsOf((await session()).accessToken)
    same(Array.isArray(amr) ? amr.map(({ method }) => method) : amr, ['password'], 'methods')
  }),
  defineCase('L11', 'each sign-in opens another session', [session], async ({ session, sessionOf }) => {
    const first = await session()
    different((await sessionOf(first)).sessionId, first.sessionId, 'session_id')
  }),
  defineCase('L12', 'the headers name user and session', [session], async ({ session, signIn }) => {
    const { email, password, userId } = await session()
    const { headers, body } = await isStatus(signIn({ email, password }), 200)
    same(
      [headers.get('sb-auth-user-id'), headers.get('sb-auth-session-id')],
      [userId, claimsOf(body.access_token).session_id],
      'sb-auth-user-id and sb-auth-session-id',
    )
  }),
  defineCase(
    'L15',
    'version 1: a header gives the first five characters of the refresh token',
    [session, v1],
    async (server) => {
      const { email, password } = await server.session()
      const { headers, body } = await isStatus(server.signIn({ email, password }), 200)
      same(headers.get('sb-auth-refresh-token-prefix'), body.refresh_token.slice(0, 5), 'prefix')
    },
  ),
  defineCase('L16', 'the user of the answer has confirmed_at', [session], async ({ session, signIn }) => {
    const { email, password } = await session()
    const { body } = await isStatus(signIn({ email, password }), 200)
    matches(body.user.confirmed_at, /^\d{4}-\d\d-\d\dT/, 'confirmed_at')
  }),
  defineCase('L13', 'an address while the e-mail provider is off', [emailOff], async ({ signIn }) => {
    await isError(signIn(newCredentials()), 422, 'email_provider_disabled', 'Email logins are disabled')
  }),
  defineCase('L14', 'legacy format: status, code and message', [], async ({ signIn }) => {
    const { body } = await isStatus(signIn(newCredentials(), { version: null }), 400)
    same(body, { code: 400, error_code: 'invalid_credentials', msg: invalid }, 'body')
  }),
  defineCase('K02', 'PKCE: an empty code or verifier', [], async ({ post }) => {
    const message = 'invalid request: both auth code and code verifier should be non-empty'
    await isError(post('/token?grant_type=pkce', { auth_code: 'x' }), 400, 'validation_failed', message)
  }),
  defineCase('K03', 'PKCE: an unknown code', [], async ({ post }) => {
    const body = { auth_code: '11111111-2222-4333-8444-555555555555', code_verifier: 'a'.repeat(43) }
    const message = 'invalid flow state, no valid flow state found'
    await isError(post('/token?grant_type=pkce', body), 404, 'flow_state_not_found', message)
  }),
  defineCase('K04', 'id_token: errors have the shape of OAuth, in every version', [], async ({ post }) => {
    for (const version of [null, '2024-01-01']) {
      const { body } = await isStatus(post('/token?grant_type=id_token', {}, { version }), 400)
      same([typeof body.error, typeof body.error_description], ['string', 'string'], 'error, error_description')
      lacks(body, ['code', 'msg', 'message'], 'body')
    }
  }),
]
