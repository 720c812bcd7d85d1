import { beforeEach, describe, expect, it } from 'vitest'
import { ADA, createFakeSteam, type FakeSteam } from './fake-steam.ts'
import { during, open } from './session.ts'

let steam: FakeSteam
beforeEach(() => {
  steam = createFakeSteam()
})
const signedIn = async () => {
  const session = open(steam)
  await session.auth.signIn({ refreshToken: steam.token('web') })
  return session
}

describe('cookies of a web token', () => {
  it('come by one finalizelogin and a POST to each address that it names, with the fields that Steam wants', async () => {
    const refreshToken = steam.token('web')
    await open(steam).auth.signIn({ refreshToken })
    const [first, ...transfers] = steam.calls
    expect(first).toMatchObject({ host: 'login.steampowered.com', path: '/jwt/finalizelogin', method: 'POST' })
    expect(first?.type).toMatch(/^multipart\/form-data/)
    expect(first?.fields).toEqual({
      nonce: refreshToken,
      sessionid: expect.stringMatching(/^[\da-f]{24}$/),
      redir: 'https://steamcommunity.com/login/home/?goto=',
    })
    expect(first?.headers.get('origin')).toBe('https://steamcommunity.com')
    expect(first?.headers.get('referer')).toBe('https://steamcommunity.com/')
    expect(transfers.map(({ host, path, method }) => `${method} ${host}${path}`).sort()).toEqual([
      'POST help.steampowered.com/login/settoken',
      'POST steamcommunity.com/login/settoken',
      'POST store.steampowered.com/login/settoken',
    ])
    for (const { fields, host } of transfers)
      expect(fields).toEqual({ steamID: ADA, nonce: `${host}~${refreshToken}`, auth: 'a' })
  })

  it('are another steamLoginSecure for each domain, and the same sessionid for all', async () => {
    const session = await signedIn()
    const headers = await Promise.all(steam.domains.map((domain) => session.cookieHeader(`https://${domain}/`)))
    const part = (name: string) => headers.map((header) => header.match(new RegExp(`${name}=([^;]+)`))?.[1])
    expect(new Set(part('steamLoginSecure')).size).toBe(3)
    expect(new Set(part('sessionid'))).toEqual(new Set([await session.sessionId()]))
    steam.domains.forEach((domain, place) => {
      expect(steam.whose(part('steamLoginSecure')[place] ?? '', domain)).toBe(ADA)
    })
  })

  it('are those two of a domain, and no refresh cookie; none for a foreign host, and none without https', async () => {
    const session = await signedIn()
    const header = await session.cookieHeader('https://steamcommunity.com/my/')
    expect(header.split('; ').map((pair) => pair.split('=')[0])).toEqual(['steamLoginSecure', 'sessionid'])
    expect(await session.cookieHeader('https://login.steampowered.com/')).toMatch(/^steamRefresh_steam=[^;]+$/)
    expect(await session.cookieHeader('https://evilsteamcommunity.com/')).toBe('')
    expect(await session.cookieHeader('https://example.com/')).toBe('')
    await expect(session.cookieHeader('http://steamcommunity.com/')).rejects.toThrow(/by https only/)
    await expect(session.cookieHeader('steamcommunity.com')).rejects.toThrow(/full address/)
  })

  it('survive a transfer that fails twice', async () => {
    let failures = 2
    steam.fault = ({ host }) =>
      host === 'steamcommunity.com' && failures-- > 0 ? Response.json({ result: 2 }, { status: 200 }) : null
    const session = open(steam)
    await during(steam, session.auth.signIn({ refreshToken: steam.token('web') }))
    expect(steam.callsTo('/login/settoken').filter(({ host }) => host === 'steamcommunity.com')).toHaveLength(3)
    expect(await session.cookieHeader('https://steamcommunity.com/')).toMatch(/steamLoginSecure/)
  })

  it('stay as they were when a transfer fails for good: that is passing trouble', async () => {
    const session = await signedIn()
    const before = await session.cookieHeader('https://steamcommunity.com/')
    steam.calls.length = 0
    steam.fault = ({ host }) => (host === 'steamcommunity.com' ? new Response('down', { status: 503 }) : null)
    const failed = session.auth.refresh().catch((error: unknown) => error)
    await steam.clock.advance(2_100)
    expect(steam.callsTo('/login/settoken').filter(({ host }) => host === 'steamcommunity.com')).toHaveLength(5)
    expect(await during(steam, failed, 60_000)).toMatchObject({ code: 'unavailable' })
    expect(session.auth.getState().status).toBe('authenticated')
    expect(await session.cookieHeader('https://steamcommunity.com/')).toBe(before)
  })

  it('are not made of half an answer, of plain http, or of another account', async () => {
    const session = open(steam)
    const refreshToken = steam.token('web')
    const answers = [
      { steamID: ADA },
      { transfer_info: [] },
      { transfer_info: [{ url: 'http://steamcommunity.com/login/settoken', params: {} }] },
      { transfer_info: 'none' },
    ]
    for (const answer of answers) {
      steam.fault = ({ path }) => (path === '/jwt/finalizelogin' ? Response.json(answer) : null)
      await expect(session.auth.signIn({ refreshToken })).rejects.toMatchObject({ code: 'unavailable' })
    }
    steam.fault = ({ path }) => {
      if (path !== '/login/settoken') return null
      const value = `${ADA}%7C%7C${steam.accessToken('76561198000000009')}`
      return Response.json({}, { headers: { 'set-cookie': `steamLoginSecure=${value}` } })
    }
    await expect(session.auth.signIn({ refreshToken })).rejects.toMatchObject({ code: 'invalid_response' })
  })
})
