import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { encodeRefreshToken, parseRefreshToken } from '../../../../src/testing/auth-server/core/refresh-token-v2.ts'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { refusal, type SupabaseClient } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const zeros = new Uint8Array(32)
const counting = Uint8Array.from({ length: 32 }, (_, index) => index)
const nil = '00000000-0000-0000-0000-000000000000'
const session = '11111111-2222-4333-8444-555555555555'

test.each([
  ['zeros', zeros, nil, 0n, 'AAAAAAAAAAAAAAAAAAAAAAAAP9aRk-6XCL3qEQuinyNf8s39HoY'],
  ['0', counting, session, 0n, 'ABEREREiIkMzhERVVVVVVVUAI-IcsaseXEKS7q68JAgmU-80L2M'],
  ['1', counting, session, 1n, 'ABEREREiIkMzhERVVVVVVVUBpozOYVM-sPhnYYTBWpQpN52uNiY'],
  ['127', counting, session, 127n, 'ABEREREiIkMzhERVVVVVVVV_DoKMAtgL2BLkGnCN7zt03TRKutc'],
  ['128', counting, session, 128n, 'ABEREREiIkMzhERVVVVVVVWAAe7PGNiO7NAJ0pIX0qyR-ysJW7oj'],
  ['2^63-1', counting, session, 2n ** 63n - 1n, 'ABEREREiIkMzhERVVVVVVVX__________38DUNuHIwVw5zyq-z83clUrAuXYxQ'],
] as const)('test vector %s is written and read', (_name, key, id, counter, token) => {
  expect(encodeRefreshToken(id, counter, key)).toBe(token)
  expect(parseRefreshToken(token)).toMatchObject({ sessionId: id, counter })
})

const v2 = (options: MockAuthOptions = {}) => server({ profile: 'v2', ...options })

/** A session that has been refreshed so many times: its tokens, c0 first. */
async function chain(client: SupabaseClient, refreshes: number): Promise<string[]> {
  const tokens = [(await client.signIn()).body.refresh_token]
  for (let count = 0; count < refreshes; count++) {
    tokens.push((await client.refresh(tokens.at(-1) ?? '')).body.refresh_token)
  }
  return tokens
}

function lines(headers: Headers): Record<string, string> {
  const prefix = 'sb-auth-refresh-token-'
  return Object.fromEntries(
    [...headers].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]),
  )
}

test('X01: signing in gives a token of 51 characters that names the session and counter 0', async () => {
  const { client } = v2()
  const { body, headers } = await client.signIn()
  const { session_id: sessionId } = decodeJwt(body.access_token)
  expect(body.refresh_token).toHaveLength(51)
  expect(parseRefreshToken(body.refresh_token)).toMatchObject({ sessionId, counter: 0n })
  expect(headers.get('sb-auth-session-id')).toBe(sessionId)
  expect(lines(headers)).toEqual({ counter: '0' })
})

test('V2-2, X02: the current token is swapped for the next, which differs', async () => {
  const { client, mock } = v2()
  const [c0 = ''] = await chain(client, 0)
  const { status, body, headers } = await client.refresh(c0)
  expect(status).toBe(200)
  expect(body.refresh_token).not.toBe(c0)
  expect(parseRefreshToken(body.refresh_token)?.counter).toBe(1n)
  expect(lines(headers)).toEqual({ counter: '1', reuse: 'false' })
  expect(mock.log.at(-1)).toMatchObject({ verdict: 'rotated', issuedRefreshToken: body.refresh_token })
})

test('V2-3, X03: the token before it gets the current one, byte for byte, at any time', async () => {
  const { client, clock, mock } = v2()
  const [c0 = '', c1] = await chain(client, 1)
  for (const wait of [0, 9_999, 1, 86_400_000]) {
    clock.advance(wait)
    const { status, body } = await client.refresh(c0)
    expect([status, body.refresh_token]).toEqual([200, c1])
  }
  expect(mock.log.at(-1)?.verdict).toBe('reused')
})

test('V2-3: the causes are named in order: within the interval two, later one', async () => {
  const { client, clock } = v2()
  const [c0 = ''] = await chain(client, 1)
  const both = 'concurrent-refresh,fail-to-save'
  expect(lines((await client.refresh(c0)).headers)).toEqual({ counter: '1', 'reuse-cause': both })
  clock.advance(10_000)
  expect(lines((await client.refresh(c0)).headers)).toEqual({ counter: '1', 'reuse-cause': 'fail-to-save' })
})

test('V2-4, X04: an older token within the interval gets the current one', async () => {
  const { client } = v2()
  const [c0 = '', , c2] = await chain(client, 2)
  const { status, body, headers } = await client.refresh(c0)
  expect([status, body.refresh_token]).toEqual([200, c2])
  expect(lines(headers)).toEqual({ counter: '2', 'reuse-cause': 'concurrent-refresh' })
})

test.each([
  [9_999, 200],
  [10_000, 400],
])('V2-4: %i ms after the last refresh an older token gets %i', async (wait, status) => {
  const { client, clock } = v2()
  const [c0 = ''] = await chain(client, 2)
  clock.advance(wait)
  expect((await client.refresh(c0)).status).toBe(status)
})

test('V2-4: every use moves the interval on', async () => {
  const { client, clock } = v2()
  const [c0 = '', , c2] = await chain(client, 2)
  for (let count = 0; count < 4; count++) {
    clock.advance(9_000)
    expect((await client.refresh(c0)).body.refresh_token).toBe(c2)
  }
})

test('V2-4: with an interval of 0 there is no moment in which an older token is good', async () => {
  const { client } = v2({ reuseInterval: 0 })
  const [c0 = ''] = await chain(client, 2)
  expect((await client.refresh(c0)).status).toBe(400)
})

test('V2-5, X07: where reuse is allowed an older token gets the current one at any time', async () => {
  const { client, clock } = v2({ reuseInterval: 1, allowReuse: true })
  const [c0 = '', , c2] = await chain(client, 2)
  clock.advance(1_500)
  const { status, body, headers } = await client.refresh(c0)
  expect([status, body.refresh_token]).toEqual([200, c2])
  expect(lines(headers)).toEqual({ counter: '2', 'reuse-cause': 'always-allow' })
})

test('V2-6, X05: an older token after the interval ends the session, for its access tokens too', async () => {
  const { client, clock, mock } = v2({ reuseInterval: 1 })
  const { access_token: access, refresh_token: c0 } = (await client.signIn()).body
  const c1 = (await client.refresh(c0)).body.refresh_token
  const c2 = (await client.refresh(c1)).body.refresh_token
  clock.advance(1_500)
  const answer = await client.refresh(c0)
  expect(refusal(answer)).toEqual([400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used'])
  expect(lines(answer.headers)).toEqual({ rotated: 'true' })
  for (const token of [c0, c1, c2]) expect((await client.refresh(token)).body.code).toBe('refresh_token_not_found')
  expect(refusal(await client.user(access)).slice(0, 2)).toEqual([403, 'session_not_found'])
  expect(mock.admin.sessions()[0]?.ended).toEqual({ at: clock.now(), why: 'reuse' })
})

test('V2-7, X06: with rotation switched off an older token is refused, and nothing else happens', async () => {
  const { client, clock } = v2({ reuseInterval: 1, revokeOnReuse: false })
  const [c0 = '', , c2 = ''] = await chain(client, 2)
  clock.advance(1_500)
  const answer = await client.refresh(c0)
  expect(answer.body.code).toBe('refresh_token_already_used')
  expect(lines(answer.headers)).toEqual({})
  expect((await client.refresh(c2)).status).toBe(200)
})

test('V2-1, X10: a token with a good signature and a counter ahead was not issued here', async () => {
  const bytes: number[] = []
  // The only bytes of key length that are drawn are the key of the session.
  const random = (): number => {
    const drawn = Math.random()
    bytes.push(Math.floor(drawn * 256))
    return drawn
  }
  const { client } = v2({ random })
  bytes.length = 0
  const { refresh_token: c0 } = (await client.signIn()).body
  const id = parseRefreshToken(c0)?.sessionId ?? ''
  const keys = bytes.map((_, start) => Uint8Array.from(bytes.slice(start, start + 32)))
  const key = keys.find((bytes) => bytes.length === 32 && encodeRefreshToken(id, 0, bytes) === c0)
  expect(key).toBeDefined()
  const ahead = encodeRefreshToken(id, 1, key ?? zeros)
  const message = 'Invalid Refresh Token: Not Issued By This Server'
  expect(refusal(await client.refresh(ahead))).toEqual([400, 'validation_failed', message])
  expect(refusal(await client.refresh(encodeRefreshToken(id, 2n ** 63n - 1n, key ?? zeros)))[2]).toBe(message)
  expect((await client.refresh(c0)).status).toBe(200)
})

test('X09: a token of this session with another signature is not found', async () => {
  const { client } = v2()
  const [c0 = ''] = await chain(client, 0)
  const forged = encodeRefreshToken(parseRefreshToken(c0)?.sessionId ?? '', 0, counting)
  expect((await client.refresh(forged)).body.code).toBe('refresh_token_not_found')
})

test('X12: at counter 128 the token becomes one character longer', async () => {
  const { client } = v2({ signing: 'none' })
  const tokens = await chain(client, 130)
  expect(tokens.map(({ length }) => length)).toEqual([...Array(128).fill(51), ...Array(3).fill(52)])
  expect(new Set(tokens).size).toBe(131)
})

test('a refresh of version 2 leaves the time at which the user was updated', async () => {
  const { client, clock } = v2()
  const { user, refresh_token: c0 } = (await client.signIn()).body
  clock.advance(1000)
  expect((await client.refresh(c0)).body.user.updated_at).toBe(user.updated_at)
})
