import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper, type Notice } from '../../src/node/index.ts'
import { createFakeSteam, type FakeSteam } from './fake-steam.ts'
import { during, open } from './session.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let steam: FakeSteam
beforeEach(() => {
  steam = createFakeSteam()
})
const signedIn = async (platform: 'web' | 'mobile' = 'web') => {
  const session = open(steam)
  const refreshToken = steam.token(platform)
  await session.auth.signIn({ refreshToken })
  const ends: { reason: string }[] = []
  session.auth.on('signed_out', (end) => ends.push(end))
  steam.calls.length = 0
  return { ...session, refreshToken, ends }
}

describe('what Steam answers', () => {
  it.each(['web', 'mobile'] as const)(
    'ends a %s session once when the token was revoked or has ended, and nothing is sent after it',
    async (platform) => {
      for (const result of [26, 27]) {
        const { auth, refreshToken, ends } = await signedIn(platform)
        steam.refuse(refreshToken, result)
        const failed = auth.refresh().catch((error: unknown) => error)
        expect(await during(steam, failed)).toMatchObject({
          code: 'rejected',
          serverCode: result === 26 ? 'Revoked' : 'Expired',
        })
        const calls = steam.calls.length
        await steam.clock.advance(3 * DAY)
        expect(ends).toHaveLength(1)
        expect(ends[0]).toMatchObject({ reason: 'rejected' })
        expect(steam.calls).toHaveLength(calls)
      }
    },
  )

  it('ends it when the refresh token has run out, and a person is called, who alone can help', async () => {
    const session = open(steam)
    await session.auth.signIn({ refreshToken: steam.token('web', { life: 2 }) })
    const notices: Notice[] = []
    const keeper = createKeeper({
      auth: session.auth,
      clock: steam.clock,
      random: () => 0,
      notify: (it) => void notices.push(it),
    })
    await steam.clock.advance(3 * DAY)
    const calls = steam.calls.length
    await steam.clock.advance(3 * DAY)
    expect(steam.calls).toHaveLength(calls)
    expect(notices.map(({ type }) => type)).toEqual(['person_needed'])
    expect(notices[0]?.why?.code).toBe('rejected')
    expect(keeper.status().state).toBe('person_needed')
  })

  it('keeps the session through a rate limit, and leaves Steam alone for long', async () => {
    const { auth, refreshToken, cookieHeader } = await signedIn('mobile')
    steam.refuse(refreshToken, 84)
    const failed = auth.refresh().catch((error: unknown) => error)
    expect(await during(steam, failed, 40_000)).toMatchObject({ code: 'unavailable', serverCode: 'RateLimitExceeded' })
    const calls = steam.calls.length
    await steam.clock.advance(25 * MINUTE)
    expect(steam.calls).toHaveLength(calls)
    expect(auth.getState().status).toBe('authenticated')
    expect(await cookieHeader('https://steamcommunity.com/')).toMatch(/steamLoginSecure/)
  })

  it.each([
    ['a time-out code', { result: 16 }],
    ['a code that nobody knows', { result: 102 }],
    ['a 503', { fault: () => new Response('down', { status: 503 }) }],
    ['a 429', { fault: () => new Response('', { status: 429 }) }],
    ['a page', { fault: () => new Response('<!doctype html><html>', { headers: { 'content-type': 'text/html' } }) }],
    ['nothing at all', { fault: () => Promise.reject(new TypeError('fetch failed')) }],
    ['an empty response', { fault: () => Response.json({ response: {} }, { headers: { 'x-eresult': '1' } }) }],
    ['a hanging connection', { fault: () => new Promise<Response>(() => {}) }],
  ])('keeps the session through %s', async (_, { result, fault }: { result?: number; fault?: FakeSteam['fault'] }) => {
    const { auth, refreshToken, ends } = await signedIn('mobile')
    if (result) steam.refuse(refreshToken, result)
    if (fault) steam.fault = fault
    const failed = auth.refresh().catch((error: unknown) => error)
    expect(await during(steam, failed, 5 * MINUTE)).toMatchObject({ code: 'unavailable' })
    expect(auth.getState().status).toBe('authenticated')
    expect(ends).toEqual([])
    steam.fault = null
    steam.refuse(refreshToken, 1)
    await during(steam, auth.refresh(), 2 * HOUR)
  })

  it('is read from the header of a 200: a denial is never taken for "not needed yet"', async () => {
    const { auth, refreshToken } = await signedIn('mobile')
    steam.refuse(refreshToken, 15)
    const failed = auth.refresh().catch((error: unknown) => error)
    expect(await during(steam, failed, MINUTE)).toMatchObject({ code: 'rejected', serverCode: 'AccessDenied' })
  })

  it('is doubted when it is a denial: the other way is tried, and its cookies count', async () => {
    const { auth, cookieHeader, refreshToken } = await signedIn('mobile')
    steam.fault = ({ path }) =>
      path.startsWith('/IAuthenticationService') ? Response.json({}, { headers: { 'x-eresult': '15' } }) : null
    await auth.refresh()
    expect(steam.callsTo('/jwt/finalizelogin').map(({ fields }) => fields.nonce)).toEqual([refreshToken])
    expect(await cookieHeader('https://help.steampowered.com/')).toMatch(/steamLoginSecure/)
  })

  it.each([5, 63, 65, 71, 85, 88])('asks for a person on code %d', async (result) => {
    const { auth, refreshToken } = await signedIn('mobile')
    steam.refuse(refreshToken, result)
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'interaction_required' })
    expect(auth.getState().status).toBe('authenticated')
  })

  it('is told without the token, whatever Steam quotes', async () => {
    const { auth, refreshToken } = await signedIn('mobile')
    steam.fault = () =>
      Response.json({}, { headers: { 'x-eresult': '26', 'x-error_message': `bad token ${refreshToken}` } })
    const error = (await during(
      steam,
      auth.refresh().catch((error: unknown) => error),
    )) as Error
    expect(error.message).toMatch(/Revoked/)
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(refreshToken.slice(0, 40))
  })
})

describe('a sign-out', () => {
  it('revokes the refresh token at Steam', async () => {
    const { auth, refreshToken } = await signedIn('mobile')
    expect(await auth.signOut()).toEqual({ revoked: true })
    const [call] = steam.callsTo('/IAuthenticationService/RevokeToken')
    expect(call?.fields).toMatchObject({
      token: refreshToken,
      revoke_action: '1',
      access_token: expect.stringMatching(/^ey/),
    })
    await expect(open(steam).auth.signIn({ refreshToken })).rejects.toMatchObject({
      code: 'credentials_rejected',
      serverCode: 'Revoked',
    })
  })

  it('says so when Steam was not told', async () => {
    const { auth } = await signedIn('web')
    steam.fault = () => Response.json({}, { headers: { 'x-eresult': '15' } })
    expect(await auth.signOut()).toEqual({ revoked: false })
    expect(auth.getState().status).toBe('unauthenticated')
  })
})
