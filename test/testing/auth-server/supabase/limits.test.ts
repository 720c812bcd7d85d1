import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { type Answer, refusal, version } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const both = ['hosted', 'v2'] as const
const expired = (why: string) => [400, 'session_expired', `Invalid Refresh Token: Session Expired${why}`]

test.each(both)(
  'R31: after its time-box a session cannot be refreshed, but its access token goes on (%s)',
  async (profile) => {
    const { client, clock } = server({ profile, sessionTimebox: 2 })
    const { access_token: access, refresh_token: token } = (await client.signIn()).body
    clock.advance(2_000)
    const second = (await client.refresh(token)).body.refresh_token
    expect(second).toBeDefined()
    clock.advance(1)
    expect(refusal(await client.refresh(second))).toEqual(expired(''))
    expect((await client.user(access)).status).toBe(200)
  },
)

test.each(both)(
  'R32: a session that nobody refreshes for too long cannot be refreshed any more (%s)',
  async (profile) => {
    const { client, clock } = server({ profile, sessionInactivity: 2 })
    let token = (await client.signIn()).body.refresh_token
    for (let count = 0; count < 3; count++) {
      clock.advance(2_000)
      token = (await client.refresh(token)).body.refresh_token
    }
    clock.advance(2_001)
    expect(refusal(await client.refresh(token))).toEqual(expired(' (Inactivity)'))
  },
)

test.each(both)('R34: of two sessions only the newer one can be refreshed (%s)', async (profile) => {
  const { client } = server({ profile, singleSession: true })
  const [first, second] = [(await client.signIn()).body, (await client.signIn()).body]
  expect(refusal(await client.refresh(first.refresh_token))).toEqual(expired(' (Revoked by Newer Login)'))
  expect((await client.refresh(second.refresh_token)).status).toBe(200)
  expect((await client.user(first.access_token)).status).toBe(200)
})

test.each(both)(
  'R35: when the newer one has signed out, the older one can be refreshed again (%s)',
  async (profile) => {
    const { client } = server({ profile, singleSession: true })
    const [first, second] = [(await client.signIn()).body, (await client.signIn()).body]
    await client.logout(second.access_token, 'local')
    expect((await client.refresh(first.refresh_token)).status).toBe(200)
  },
)

test('R34: a session that has passed a limit of its own counts no more, and other users never', async () => {
  const { client, clock } = server({ profile: 'hosted', singleSession: true, sessionInactivity: 60 })
  const first = (await client.signIn()).body
  await client.signIn('grace@example.test', 'battery-staple')
  const { refresh_token: t2 } = (await client.refresh(first.refresh_token)).body
  expect(t2).toBeDefined()
  await client.signIn()
  clock.advance(61_000)
  expect(refusal(await client.refresh(t2))).toEqual(expired(' (Inactivity)'))
})

test('E12: a newer session that has passed its time-box is no reason to refuse an older one', async () => {
  const { client, clock } = server({ profile: 'hosted', singleSession: true, sessionTimebox: 60 })
  const first = (await client.signIn()).body
  clock.advance(59_000)
  await client.refresh(first.refresh_token)
  // Only a clock that was set back makes the session that is refreshed last the one that is over first.
  clock.advance(-9_000)
  const second = (await client.signIn()).body
  clock.advance(9_000)
  expect((await client.refresh(second.refresh_token)).body.code).toBe('session_expired')
  clock.advance(1_001)
  expect((await client.refresh(second.refresh_token)).status).toBe(200)
})

const limited = (options: MockAuthOptions = {}) => server({ rateLimits: { header: 'X-Test-IP' }, ...options })
const overLimit = [429, 'over_request_rate_limit', 'Request rate limit reached']
const from = (caller: string) => ({ ...version, 'X-Test-IP': caller })
const unknown = { refresh_token: 'aaaaaaaaaaaa' }

/** How many of these are let through before the first refusal. */
async function letThrough(send: () => Promise<Answer>, most = 100): Promise<number> {
  for (let count = 0; count < most; count++) if ((await send()).status === 429) return count
  return most
}

test('5.1: /token lets 30 through at once, and one more every two seconds', async () => {
  const { client, clock } = limited()
  const send = () => client.post('/token?grant_type=refresh_token', unknown, from('a'))
  expect(await letThrough(send)).toBe(30)
  const answer = await send()
  expect(refusal(answer)).toEqual(overLimit)
  expect(answer.headers.has('Retry-After')).toBe(false)
  clock.advance(1_999)
  expect((await send()).status).toBe(429)
  clock.advance(1)
  expect(await letThrough(send)).toBe(1)
  clock.advance(3_600_000)
  expect(await letThrough(send)).toBe(30)
})

test('5.1: all grants share one bucket, except web3; the first value of the header names the caller', async () => {
  const { client } = limited()
  await letThrough(() => client.post('/token?grant_type=password', {}, from('a, b')))
  const statusOf = async (grant: string, caller: string) =>
    (await client.post(`/token?grant_type=${grant}`, unknown, from(caller))).status
  expect(await statusOf('refresh_token', ' a ,c')).toBe(429)
  expect(await statusOf('pkce', 'a')).toBe(429)
  expect(await statusOf('web3', 'a')).toBe(422)
  expect(await statusOf('refresh_token', 'b')).toBe(400)
  expect(await statusOf('foo', 'a')).toBe(400)
})

test.each([
  ['without the header', version],
  ['with an empty one', { ...version, 'X-Test-IP': '' }],
  ['with an empty first value', { ...version, 'X-Test-IP': ' ,a' }],
])('5.1: nothing is limited %s', async (_name, headers) => {
  const { client } = limited()
  expect(await letThrough(() => client.post('/token?grant_type=refresh_token', unknown, headers), 40)).toBe(40)
})

test('5.1: nothing is limited on a server that names no header', async () => {
  const { client } = server()
  expect(await letThrough(() => client.post('/token?grant_type=refresh_token', unknown, from('a')), 40)).toBe(40)
})

test.each(['/signup', '/otp', '/magiclink', '/recover', '/resend', '/verify'])(
  '5.1: %s lets 30 through at once, and one more every ten seconds',
  async (path) => {
    const { client, clock } = limited()
    const send = () => client.post(path, { email: 'x', password: 'long-enough' }, from('a'))
    expect(await letThrough(send)).toBe(30)
    clock.advance(9_999)
    expect((await send()).status).toBe(429)
    clock.advance(1)
    expect(await letThrough(send)).toBe(1)
  },
)

test('5.1: PUT /user is limited on its own, after the bearer token was looked at', async () => {
  const { client } = limited()
  const { access_token: token } = (await client.signIn()).body
  const send = () => client.call('PUT', '/user', { token, body: {}, headers: from('a') })
  expect(await letThrough(send)).toBe(30)
  expect((await client.call('PUT', '/user', { body: {}, headers: from('a') })).status).toBe(401)
  expect((await client.call('GET', '/user', { token, headers: from('a') })).status).toBe(200)
})

test('5.1: anonymous sign-ins have an hourly limit of their own', async () => {
  const { client, clock } = limited({ anonymousSignIns: true, rateLimits: { header: 'X-Test-IP', anonymous: 4 } })
  const send = () => client.post('/signup', {}, from('a'))
  expect(await letThrough(send)).toBe(4)
  expect((await client.post('/signup', { email: 'b@example.test', password: 'long-enough' }, from('a'))).status).toBe(
    200,
  )
  clock.advance(900_000)
  expect(await letThrough(send)).toBe(1)
})

test('413: a body of more than 1 MiB is refused, unless nobody reads it', async () => {
  const { client } = server()
  const message = 'Request body too large (max 1048576 bytes)'
  const body = (length: number) => `{"refresh_token":"${'x'.repeat(length - 20)}"}`
  const path = '/token?grant_type=refresh_token'
  expect((await client.post(path, body(1_048_576))).body.code).toBe('validation_failed')
  expect(refusal(await client.post(path, body(1_048_577)))).toEqual([413, 'request_entity_too_large', message])
  expect((await client.post(path, `{"refresh_token":"${'é'.repeat(524_300)}"}`)).status).toBe(413)
  expect((await client.post('/logout', body(2_000_000))).status).toBe(401)
})

test('504: the fault with that status says that the request took too long', async () => {
  const { client, mock } = server()
  mock.faults.next('refresh', { type: 'status', status: 504 })
  const message = 'Processing this request timed out, please retry after a moment.'
  expect(refusal(await client.refresh('aaaaaaaaaaaa'))).toEqual([504, 'request_timeout', message])
})
