import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { parseRefreshToken } from '../../../../src/testing/auth-server/core/refresh-token-v2.ts'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { server } from './supabase-server.ts'

/** A session of version 1 on a server that has just been set to version 2. */
async function upgrading(options: MockAuthOptions = {}) {
  const setup = server({ profile: 'hosted', upgradePercentage: 100, ...options })
  const { body } = await setup.client.signIn()
  setup.mock.admin.setRefreshTokenVersion(2)
  const counterOf = (token: string) => parseRefreshToken(token)?.counter ?? null
  return { ...setup, t1: String(body.refresh_token), access: String(body.access_token), counterOf }
}

test('a refresh moves a session to version 2, at counter 0', async () => {
  const { client, t1, access, counterOf } = await upgrading()
  const { status, body, headers } = await client.refresh(t1)
  expect([status, counterOf(body.refresh_token)]).toEqual([200, 0n])
  expect(decodeJwt(body.access_token).session_id).toBe(decodeJwt(access).session_id)
  expect(headers.get('sb-auth-refresh-token-counter')).toBe('0')
  expect(headers.get('sb-auth-refresh-token-prefix')).toBe(body.refresh_token.slice(0, 5))
  const next = await client.refresh(body.refresh_token)
  expect(counterOf(next.body.refresh_token)).toBe(1n)
})

test('the old token, used again within the interval, moves the counter on', async () => {
  const { client, t1, counterOf, clock } = await upgrading()
  await client.refresh(t1)
  clock.advance(10_000)
  expect(counterOf((await client.refresh(t1)).body.refresh_token)).toBe(1n)
})

test('the old token, used again after the interval, is refused, and the session goes on', async () => {
  const { client, t1, clock } = await upgrading()
  const c0 = (await client.refresh(t1)).body.refresh_token
  clock.advance(10_001)
  expect((await client.refresh(t1)).body.code).toBe('refresh_token_already_used')
  expect((await client.refresh(c0)).status).toBe(200)
})

test('the share of sessions that are moved is kept, and a session is always treated in the same way', async () => {
  const { client, mock } = server({ profile: 'hosted', upgradePercentage: 30, signing: 'none' })
  const tokens = await Promise.all(Array.from({ length: 300 }, async () => (await client.signIn()).body.refresh_token))
  mock.admin.setRefreshTokenVersion(2)
  let moved = 0
  for (const token of tokens) {
    const first = (await client.refresh(token)).body.refresh_token
    const second = (await client.refresh(first)).body.refresh_token
    expect(second.length).toBe(first.length)
    if (first.length > 12) moved += 1
  }
  expect(moved).toBeGreaterThan(60)
  expect(moved).toBeLessThan(120)
})

test('without a share nothing is moved, and new sessions get version 2 all the same', async () => {
  const { client, t1 } = await upgrading({ upgradePercentage: 0 })
  expect((await client.refresh(t1)).body.refresh_token).toHaveLength(12)
  expect((await client.signIn()).body.refresh_token).toHaveLength(51)
})

test('on a server of version 1 nothing is moved, and tokens of version 2 stay good', async () => {
  const { client, mock } = server({ profile: 'v2', upgradePercentage: 100 })
  const c0 = (await client.signIn()).body.refresh_token
  mock.admin.setRefreshTokenVersion(1)
  expect((await client.refresh(c0)).body.refresh_token).toHaveLength(51)
  const t1 = (await client.signIn()).body.refresh_token
  expect((await client.refresh(t1)).body.refresh_token).toHaveLength(12)
})
