import { expect, test } from 'vitest'
import type { MockProfile } from '../../../src/testing/auth-server/index.ts'
import type { SupabaseClient } from './auth-client.ts'
import { server } from './supabase/supabase-server.ts'

// N refreshes at once with one live token (supabase/auth, internal/tokens/service_test.go, TestConcurrentReuse): all are
// answered with the same new token, and the state moves on by one. Unsecured tokens make it fast.

const PARALLEL = 50
const ROUNDS = 1000

async function storm(client: SupabaseClient, token: string): Promise<{ statuses: Set<number>; tokens: Set<string> }> {
  const answers = await Promise.all(Array.from({ length: PARALLEL }, () => client.refresh(token)))
  return {
    statuses: new Set(answers.map(({ status }) => status)),
    tokens: new Set(answers.map(({ body }) => body.refresh_token)),
  }
}

test.each<MockProfile>(['hosted', 'default', 'v2'])(
  'R14, 3.8: 50 refreshes at once with one token all get the same new one, 1,000 times (%s)',
  async (profile) => {
    const { client, mock } = server({ profile, signing: 'none' })
    let token = (await client.signIn()).body.refresh_token
    for (let round = 1; round <= ROUNDS; round++) {
      const { statuses, tokens } = await storm(client, token)
      const [next = ''] = tokens
      if (statuses.size !== 1 || !statuses.has(200) || tokens.size !== 1 || next === token) {
        expect({ round, statuses, tokens }).toEqual({ round, statuses: new Set([200]), tokens: new Set([next]) })
      }
      token = next
    }
    const [session] = mock.admin.sessions()
    expect(session?.tokensIssued).toBe(ROUNDS + 1)
    expect(session?.liveTokens).toEqual([token])
  },
  60_000,
)

test('strict: of 50 refreshes at once with one token one succeeds and the session ends, 1,000 times', async () => {
  const { client, mock } = server({ profile: 'strict', signing: 'none' })
  for (let round = 1; round <= ROUNDS; round++) {
    const token = (await client.signIn()).body.refresh_token
    const { statuses, tokens } = await storm(client, token)
    // The new token, and the undefined of the refused.
    if (statuses.size !== 2 || tokens.size !== 2) expect({ round, statuses, tokens }).toBe('one winner')
    if (mock.admin.sessionOf(token)?.ended?.why !== 'reuse') expect(round).toBe('ended by reuse')
  }
  const sessions = mock.admin.sessions()
  expect(sessions).toHaveLength(ROUNDS)
  expect(sessions.every(({ tokensIssued, live }) => tokensIssued === 2 && !live)).toBe(true)
})
