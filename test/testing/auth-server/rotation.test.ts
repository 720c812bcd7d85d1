import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createMockAuth, type MockAuth, type MockAuthOptions } from '../../../src/testing/auth-server/index.ts'
import { type ManualClock, manualClock, type SupabaseClient, seeded, supabaseClient } from './auth-client.ts'

interface Setup {
  readonly mock: MockAuth
  readonly clock: ManualClock
  readonly client: SupabaseClient
  /** The session's first refresh token. */
  readonly t1: string
  readonly accessToken: string
  readonly sessionId: string
  /** Refreshes, expecting success; gives the new token. */
  readonly next: (token: string) => Promise<string>
  /** Refreshes, expecting refusal; gives the code. */
  readonly refused: (token: string) => Promise<string>
}

async function setup(options: MockAuthOptions = {}): Promise<Setup> {
  const clock = manualClock()
  const mock = createMockAuth({ clock, random: seeded(), ...options })
  const client = supabaseClient(mock)
  const { body } = await client.signIn()
  return {
    mock,
    clock,
    client,
    t1: body.refresh_token,
    accessToken: body.access_token,
    sessionId: String(decodeJwt(body.access_token).session_id),
    next: async (token) => {
      const answer = await client.refresh(token)
      expect(answer.status).toBe(200)
      return answer.body.refresh_token
    },
    refused: async (token) => {
      const answer = await client.refresh(token)
      expect(answer.status).toBe(400)
      return answer.body.code
    },
  }
}

const supabase = { profile: 'hosted' } as const

test('R01: a refresh gives a new token of 12 characters for the same session and user', async () => {
  const { clock, client, t1, accessToken } = await setup(supabase)
  clock.advance(1000)
  const { status, body } = await client.refresh(t1)
  expect(status).toBe(200)
  expect(body.refresh_token).toMatch(/^[a-z2-7]{12}$/)
  expect(body.refresh_token).not.toBe(t1)
  expect(body.expires_in).toBe(3600)
  const [before, after] = [decodeJwt(accessToken), decodeJwt(body.access_token)]
  expect(after.session_id).toBe(before.session_id)
  expect(after.sub).toBe(before.sub)
  expect(after.iat).toBe((before.iat ?? 0) + 1)
  expect(after.exp).toBe(body.expires_at)
  expect(after).not.toHaveProperty('jti')
  expect(body).not.toHaveProperty('weak_password')
})

test('V1-1: any token that is not revoked is swapped, also when it is not the newest', async () => {
  const { t1, next, clock, mock } = await setup(supabase)
  const t2 = await next(t1)
  const t3 = await next(t2)
  const branch = await next(t1)
  clock.advance(60_000)
  expect(mock.log.at(-1)?.verdict).toBe('branched')
  const t4 = await next(t3)
  expect(new Set([t1, t2, t3, branch, t4]).size).toBe(5)
  expect(mock.log.at(-1)?.verdict).toBe('rotated')
})

test('V1-2, R02, R04: the parent of the live token gets the same live token, any number of times, at any time', async () => {
  const { t1, next, clock, mock } = await setup({ ...supabase, reuseInterval: 0 })
  const t2 = await next(t1)
  for (let count = 0; count < 5; count++) {
    expect(await next(t1)).toBe(t2)
    clock.advance(86_400_000)
  }
  expect(mock.log.at(-1)?.verdict).toBe('reused')
  expect(mock.admin.sessions()[0]?.tokensIssued).toBe(2)
})

test('V1-3, R05: an older token within the interval branches the chain', async () => {
  const { t1, next } = await setup(supabase)
  const t2 = await next(t1)
  const t3 = await next(t2)
  const t4 = await next(t1)
  expect([t1, t2, t3]).not.toContain(t4)
  expect(await next(t3)).not.toBe(t4)
})

test('V1-3: the end of the interval itself still counts, a millisecond later does not', async () => {
  for (const [wait, status] of [
    [10_000, 200],
    [10_001, 400],
  ] as const) {
    const { t1, next, clock, client } = await setup(supabase)
    await next(await next(t1))
    clock.advance(wait)
    expect((await client.refresh(t1)).status).toBe(status)
  }
})

test('V1-3, R13: the interval slides with each use', async () => {
  const { t1, next, clock } = await setup({ ...supabase, reuseInterval: 1 })
  await next(await next(t1))
  const branches = new Set<string>()
  for (let count = 0; count < 4; count++) {
    clock.advance(700)
    const branch = await next(t1)
    branches.add(branch)
    await next(branch)
  }
  expect(branches.size).toBe(4)
})

test('V1-4, R07: an older token after the interval is refused and revokes the live ones, but not the session', async () => {
  const { t1, next, clock, client, accessToken, sessionId, mock } = await setup({ ...supabase, reuseInterval: 1 })
  await next(await next(t1))
  clock.advance(1500)
  const { status, body, headers } = await client.refresh(t1)
  expect(status).toBe(400)
  expect(body).toEqual({ code: 'refresh_token_already_used', message: 'Invalid Refresh Token: Already Used' })
  expect(headers.get('sb-auth-session-id')).toBe(sessionId)
  expect((await client.user(accessToken)).status).toBe(200)
  expect(mock.admin.isLive(sessionId)).toBe(false)
  expect(mock.admin.currentRefreshToken(sessionId)).toBeNull()
  expect(mock.log.at(-2)).toMatchObject({ verdict: 'refused', code: 'refresh_token_already_used', sessionId })
})

test('V1-4, R08: for one interval after that the formerly live token revives the session', async () => {
  const { t1, next, clock, refused, mock, sessionId } = await setup({ ...supabase, reuseInterval: 1 })
  const t3 = await next(await next(t1))
  clock.advance(1500)
  await refused(t1)
  clock.advance(1000)
  const t4 = await next(t3)
  expect(mock.admin.isLive(sessionId)).toBe(true)
  await next(t4)
})

test('V1-4: once that interval is over the session is dead for good', async () => {
  const { t1, next, clock, refused } = await setup({ ...supabase, reuseInterval: 1 })
  const t3 = await next(await next(t1))
  clock.advance(1500)
  await refused(t1)
  clock.advance(1001)
  expect(await refused(t3)).toBe('refresh_token_already_used')
})

test('V1-4, R10: without an interval there is no revival', async () => {
  const { t1, next, clock, refused } = await setup({ ...supabase, reuseInterval: 0 })
  const t2 = await next(t1)
  const t3 = await next(t2)
  clock.advance(1)
  const codes: string[] = []
  for (const token of [t1]) codes.push(await refused(token))
  clock.advance(1)
  for (const token of [t3, t2, t1]) codes.push(await refused(token))
  expect(codes).toEqual(Array.from({ length: 4 }, () => 'refresh_token_already_used'))
})

test('V1-5, R11: with rotation switched off reuse is refused and nothing else happens', async () => {
  const { t1, next, clock, refused } = await setup({ ...supabase, reuseInterval: 1, revokeOnReuse: false })
  const t3 = await next(await next(t1))
  clock.advance(1500)
  expect(await refused(t1)).toBe('refresh_token_already_used')
  await next(t3)
})

test('R14: fifty parallel refreshes of one token all get the same new one, round after round', async () => {
  const { t1, client, mock } = await setup(supabase)
  let token = t1
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.refresh(token)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
    const tokens = new Set<string>(answers.map(({ body }) => body.refresh_token))
    expect(tokens.size).toBe(1)
    token = [...tokens][0] ?? ''
  }
  expect(mock.admin.sessions()[0]?.tokensIssued).toBe(6)
})

test('strict: of fifty parallel refreshes of one token one succeeds, and the session ends', async () => {
  for (let round = 0; round < 5; round++) {
    const { t1, client, mock, accessToken, sessionId, refused } = await setup()
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.refresh(t1)))
    const winners = answers.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    expect(mock.admin.isLive(sessionId)).toBe(false)
    expect(await refused(winners[0]?.body.refresh_token)).toBe('refresh_token_not_found')
    expect((await client.user(accessToken)).body.code).toBe('session_not_found')
  }
})

test('strict: a token can be used once, and each use gives another', async () => {
  const { t1, next, refused, mock, sessionId } = await setup()
  const t2 = await next(t1)
  const t3 = await next(t2)
  expect(mock.admin.currentRefreshToken(sessionId)).toBe(t3)
  expect(await refused(t2)).toBe('refresh_token_already_used')
  expect(await refused(t3)).toBe('refresh_token_not_found')
})

test('strict: without consequences the live token stays good after reuse', async () => {
  const { t1, next, refused } = await setup({ revokeOnReuse: false })
  const t2 = await next(t1)
  expect(await refused(t1)).toBe('refresh_token_already_used')
  await next(t2)
})

test('strict: two access tokens of the same second differ', async () => {
  const { t1, client, accessToken } = await setup()
  expect((await client.refresh(t1)).body.access_token).not.toBe(accessToken)
})

test('a server that does not rotate answers without a refresh token and keeps the old one good', async () => {
  const { t1, client, mock } = await setup({ rotate: false })
  for (let count = 0; count < 3; count++) {
    const { status, body } = await client.refresh(t1)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('refresh_token')
  }
  expect(mock.log.at(-1)?.verdict).toBe('kept')
})

test('a source of randomness that always gives the same number still gives different ids and tokens', async () => {
  const { t1, next, mock } = await setup({ random: () => 0.5 })
  const t2 = await next(t1)
  expect(t2).not.toBe(t1)
  expect(await next(t2)).toMatch(/^[a-z2-7]{12}$/)
  expect(mock.admin.sessions()).toHaveLength(1)
})
