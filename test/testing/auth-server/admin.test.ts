import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../src/testing/auth-server/index.ts'
import { server } from './supabase/supabase-server.ts'

async function begun(options: MockAuthOptions = {}) {
  const setup = server(options)
  const { access_token: access, refresh_token: t1 } = (await setup.client.signIn()).body
  const [session] = setup.mock.admin.sessions()
  const next = async (token: string): Promise<string> => (await setup.client.refresh(token)).body.refresh_token
  const state = () => {
    const { live, ended, liveTokens, spentTokens } = setup.mock.admin.session(session?.id ?? '') ?? {}
    return { live, ended, liveTokens, spentTokens }
  }
  return { ...setup, t1: String(t1), access: String(access), id: session?.id ?? '', next, state }
}

test.each(['strict', 'hosted', 'v2'] as const)(
  'a session shows its live and its spent tokens (%s)',
  async (profile) => {
    const { t1, next, state, mock, id } = await begun({ profile })
    expect(state()).toEqual({ live: true, ended: null, liveTokens: [t1], spentTokens: [] })
    const t2 = await next(t1)
    const t3 = await next(t2)
    expect(state()).toEqual({ live: true, ended: null, liveTokens: [t3], spentTokens: [t1, t2] })
    expect(mock.admin.currentRefreshToken(id)).toBe(t3)
    for (const token of [t1, t2, t3]) expect(mock.admin.sessionOf(token)?.id).toBe(id)
    expect(mock.admin.sessionOf('aaaaaaaaaaaa')).toBeNull()
    expect(mock.admin.session('no such session')).toBeNull()
  },
)

test('a chain that branches has several live tokens', async () => {
  const { t1, next, state } = await begun({ profile: 'hosted' })
  const t3 = await next(await next(t1))
  const branch = await next(t1)
  expect(state().liveTokens).toEqual([t3, branch])
})

test('after detected reuse a session of version 1 has no live token, but has not ended', async () => {
  const { t1, next, state, client, clock } = await begun({ profile: 'default' })
  const t2 = await next(t1)
  const t3 = await next(t2)
  clock.advance(1)
  await client.refresh(t1)
  expect(state()).toEqual({ live: false, ended: null, liveTokens: [], spentTokens: [t1, t2, t3] })
})

test.each([
  ['strict', 'reuse'],
  ['v2', 'reuse'],
] as const)('reuse ends the session (%s), and it says so', async (profile, why) => {
  const { t1, next, state, client, clock } = await begun({ profile, reuseInterval: 0 })
  await next(await next(t1))
  clock.advance(1000)
  await client.refresh(t1)
  expect(state()).toMatchObject({ live: false, ended: { at: clock.now(), why }, liveTokens: [] })
})

test('a session says who ended it, and when', async () => {
  const { access, client, mock, clock, id } = await begun()
  await client.signIn()
  clock.advance(500)
  await client.logout(access, 'local')
  const [first, second] = mock.admin.sessions()
  expect(first?.ended).toEqual({ at: clock.now(), why: 'signed_out' })
  clock.advance(500)
  mock.admin.revokeSession(id)
  mock.admin.revokeSession(second?.id ?? '')
  expect(mock.admin.sessions().map(({ ended }) => ended)).toEqual([
    { at: clock.now() - 500, why: 'signed_out' },
    { at: clock.now(), why: 'revoked' },
  ])
})

test('the log names the token that was handed out', async () => {
  const { t1, next, mock, client } = await begun()
  const t2 = await next(t1)
  expect(mock.log.map(({ issuedRefreshToken }) => issuedRefreshToken)).toEqual([t1, t2])
  await client.refresh(t1)
  expect(mock.log.at(-1)).toMatchObject({ refreshToken: t1, issuedRefreshToken: t2, verdict: 'reused' })
  await client.refresh('aaaaaaaaaaaa')
  expect(mock.log.at(-1)).toMatchObject({ issuedRefreshToken: null, verdict: 'refused' })
})
