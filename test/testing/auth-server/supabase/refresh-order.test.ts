import { expect, test } from 'vitest'
import { encodeRefreshToken } from '../../../../src/testing/auth-server/core/refresh-token-v2.ts'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { refusal, version } from '../auth-client.ts'
import { server } from './supabase-server.ts'

// E1 to E14: the order in which supabase/auth looks at a refresh. Out of reach are E6 (a token whose session is missing:
// it is gone with its session), E9 (second factors), E10 (waiting for a lock: a fault with status 409 stands for it) and
// E11 (OAuth clients).

const path = '/token?grant_type=refresh_token'
const notValid = [400, 'validation_failed', 'Refresh token is not valid']
const notFound = [400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found']
const foreign = encodeRefreshToken('11111111-2222-4333-8444-555555555555', 0, new Uint8Array(32))
const tail = foreign.slice(1)

test.each([
  ['R17', '{}', {}],
  ['R17', 'null', { refresh_token: null }],
  ['', 'empty', { refresh_token: '' }],
  ['', '11 characters', { refresh_token: 'aaaaaaaaaaa' }],
  ['R19', '12 in upper case', { refresh_token: 'AAAAAAAAAAAA' }],
  ['', '12 with a hyphen', { refresh_token: 'aaaaaa-aaaaa' }],
  ['', '13 characters', { refresh_token: 'aaaaaaaaaaaaa' }],
  ['', 'a made-up token', { refresh_token: 'invalid-token' }],
  ['', '51 characters with a wrong checksum', { refresh_token: 'A'.repeat(51) }],
  ['', 'version 64', { refresh_token: `Q${tail}` }],
  ['', 'not base64url', { refresh_token: `+${tail}` }],
  ['', 'padded', { refresh_token: `${foreign}=` }],
])('E3 %s: a token of the wrong shape is not valid (%s)', async (_case, _name, body) => {
  const { client } = server({ profile: 'v2' })
  expect(refusal(await client.post(path, body))).toEqual(notValid)
})

test.each([
  ['R20', 'aaaaaaaaaaaa'],
  ['', '012345678901'],
  ['', foreign],
])('E4 %s: a token of the right shape that nobody has is not found', async (_case, token) => {
  const { client } = server({ profile: 'v2' })
  const answer = await client.refresh(token)
  expect(refusal(answer)).toEqual(notFound)
  expect(answer.headers.has('sb-auth-user-id')).toBe(false)
})

test('E4: a good signature for a session of version 1 finds nothing', async () => {
  const { client, mock } = server({ profile: 'hosted' })
  await client.signIn()
  const id = mock.admin.sessions()[0]?.id ?? ''
  expect(refusal(await client.refresh(encodeRefreshToken(id, 0, new Uint8Array(32))))).toEqual(notFound)
})

test.each(['not json', '', '[]', '"text"', '{"refresh_token":5}'])('E2, R22: %j is bad_json', async (body) => {
  const { client } = server()
  const answer = await client.post(path, body)
  expect([answer.status, answer.body.code]).toEqual([400, 'bad_json'])
  expect(answer.body.message).toMatch(/^Could not parse request body as JSON: /)
})

test('E2: an empty body ends unexpectedly', async () => {
  const { client } = server()
  expect((await client.post(path, '')).body.message).toMatch(/unexpected end of JSON input$/)
})

/** A session for which everything is wrong from some check on. */
async function doomed(options: MockAuthOptions = {}) {
  const setup = server({
    rateLimits: { header: 'X-Test-IP' },
    singleSession: true,
    sessionTimebox: 60,
    sessionInactivity: 30,
    reuseInterval: 0,
    ...options,
  })
  const t1 = (await setup.client.signIn()).body.refresh_token
  await setup.client.refresh((await setup.client.refresh(t1)).body.refresh_token)
  const check = async (body: unknown = { refresh_token: t1 }, headers: Record<string, string> = {}) => {
    const answer = await setup.client.post(path, body, { ...version, ...headers })
    return { code: answer.body.code, tail: String(answer.body.message).replace(/^Invalid Refresh Token: /, ''), answer }
  }
  return { ...setup, t1, check }
}

test('E1 comes before E2: a body that cannot be read is not looked at over the limit', async () => {
  const { check } = await doomed()
  for (let count = 0; count < 30; count++) await check('not json', { 'X-Test-IP': 'here' })
  expect((await check('not json', { 'X-Test-IP': 'here' })).code).toBe('over_request_rate_limit')
  expect((await check('not json', { 'X-Test-IP': 'there' })).code).toBe('bad_json')
})

test('E5 comes before E7: a banned user is told so, and no session is named', async () => {
  const { check, clock, mock } = await doomed()
  mock.admin.ban('ada@example.test')
  clock.advance(61_000)
  const { code, tail: message, answer } = await check()
  expect([code, message]).toEqual(['user_banned', 'User Banned'])
  expect(answer.headers.has('sb-auth-user-id')).toBe(true)
  expect(answer.headers.has('sb-auth-session-id')).toBe(false)
})

test('E7 comes before E8: a session past both limits has passed its time-box', async () => {
  const { check, clock } = await doomed()
  clock.advance(61_000)
  const { code, tail: message, answer } = await check()
  expect([code, message]).toEqual(['session_expired', 'Session Expired'])
  expect(answer.headers.has('sb-auth-session-id')).toBe(true)
})

test('E8 comes before E12: an inactive session does not hear of a newer one', async () => {
  const { check, clock, client } = await doomed()
  await client.signIn()
  clock.advance(31_000)
  expect((await check()).tail).toBe('Session Expired (Inactivity)')
})

test('E12 comes before E13: with a newer session a spent token revokes nothing', async () => {
  const { check, client, mock } = await doomed({ revokeOnReuse: true })
  await client.signIn()
  const before = mock.admin.sessions()
  expect((await check()).tail).toBe('Session Expired (Revoked by Newer Login)')
  expect(mock.admin.sessions()).toEqual(before)
})

test('E13: what is left is the rotation', async () => {
  const { check, clock } = await doomed()
  clock.advance(1)
  expect((await check()).code).toBe('refresh_token_already_used')
})

test("E14: a refresh is the session's last, and names it", async () => {
  const { client, clock, mock } = server()
  const t1 = (await client.signIn()).body.refresh_token
  clock.advance(1000)
  const { headers } = await client.refresh(t1)
  const [session] = mock.admin.sessions()
  expect(session?.refreshedAt).toBe(clock.now())
  expect(headers.get('sb-auth-user-id')).toBe(session?.userId)
  expect(headers.get('sb-auth-session-id')).toBe(session?.id)
})

test('E10: the fault with status 409 says what waiting for the lock in vain says', async () => {
  const { client, mock } = server()
  mock.faults.next('refresh', { type: 'status', status: 409 })
  const message = 'Too many concurrent token refresh requests on the same session or refresh token'
  expect(refusal(await client.refresh('aaaaaaaaaaaa'))).toEqual([409, 'conflict', message])
})
