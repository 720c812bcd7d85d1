import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper } from '../../src/node/index.ts'
import { ADA, createFakeSteam, type FakeSteam } from './fake-steam.ts'
import { open } from './session.ts'

const MINUTE = 60_000
const COMMUNITY = 'https://steamcommunity.com'

let steam: FakeSteam
beforeEach(() => {
  steam = createFakeSteam()
})
const signedIn = async () => {
  const session = open(steam)
  await session.auth.signIn({ refreshToken: steam.token('web') })
  return session
}
const texts = (answers: Response[]) => Promise.all(answers.map((answer) => answer.text()))

describe('the fetch of a Steam session', () => {
  it('has the cookies of the address on it', async () => {
    const session = await signedIn()
    const urls = steam.domains.map((domain) => `https://${domain}/my/`)
    expect(await texts(await Promise.all(urls.map((url) => session.fetch(url))))).toEqual(
      steam.domains.map((domain) => `${domain}/my/ of ${ADA}`),
    )
  })

  it('makes cookies anew before they end, once for ten requests at a time', async () => {
    const session = await signedIn()
    const { expiresAt } = session.auth.inspect()
    // The machine slept: no timer has rung.
    steam.clock.jump((expiresAt ?? 0) - 10 * MINUTE - steam.clock.now())
    steam.calls.length = 0
    const answers = await Promise.all(Array.from({ length: 10 }, () => session.fetch(`${COMMUNITY}/my/`)))
    expect(new Set(await texts(answers))).toEqual(new Set([`steamcommunity.com/my/ of ${ADA}`]))
    expect(steam.callsTo('/jwt/finalizelogin')).toHaveLength(1)
    expect(steam.calls.findIndex(({ path }) => path === '/my/')).toBeGreaterThan(
      steam.calls.map(({ path }) => path).lastIndexOf('/login/settoken'),
    )
  })

  it('goes on with cookies that still work where new ones cannot be had', async () => {
    const session = await signedIn()
    const { expiresAt } = session.auth.inspect()
    steam.clock.jump((expiresAt ?? 0) - 10 * MINUTE - steam.clock.now())
    steam.fault = ({ path }) => (path.startsWith('/jwt') ? new Response('', { status: 503 }) : null)
    const answer = session.fetch(`${COMMUNITY}/my/`)
    await steam.clock.advance(MINUTE)
    expect(await (await answer).text()).toMatch(ADA)
  })

  it('takes a redirect to the sign-in page for a 401: one renewal, one repeat, however many requests', async () => {
    const session = await signedIn()
    steam.dropCookies()
    steam.calls.length = 0
    const answers = await Promise.all(Array.from({ length: 10 }, () => session.fetch(`${COMMUNITY}/my/`)))
    expect(new Set(await texts(answers))).toEqual(new Set([`steamcommunity.com/my/ of ${ADA}`]))
    expect(steam.callsTo('/jwt/finalizelogin')).toHaveLength(1)
    expect(steam.callsTo('/my/')).toHaveLength(20)
  })

  it('hands that redirect to the caller where new cookies do not help either', async () => {
    const session = await signedIn()
    steam.fault = ({ path }) =>
      path === '/my/' ? new Response(null, { status: 302, headers: { location: `${COMMUNITY}/login/home/` } }) : null
    const answer = await session.fetch(`${COMMUNITY}/my/`)
    expect(answer.status).toBe(302)
    expect(steam.callsTo('/my/')).toHaveLength(2)
    expect(session.auth.getState().status).toBe('authenticated')
  })

  it("gives each address of a chain of redirects its own domain's cookies, and a foreign one none", async () => {
    const session = await signedIn()
    const chain = ['https://store.steampowered.com/a', 'https://example.com/b', `${COMMUNITY}/c`]
    steam.fault = ({ path }) => {
      const next = chain[['/start', '/a', '/b'].indexOf(path)]
      return next ? new Response(null, { status: 302, headers: { location: next } }) : null
    }
    const answer = await session.fetch(`${COMMUNITY}/start`, {
      headers: { authorization: 'Basic abc', cookie: 'lang=de' },
    })
    expect(await answer.text()).toBe(`steamcommunity.com/c of ${ADA}`)
    const seen = steam.calls.slice(-4)
    const cookies = await Promise.all([COMMUNITY, chain[0], chain[2]].map((url) => session.cookieHeader(String(url))))
    expect(seen.map(({ headers }) => headers.get('cookie'))).toEqual([
      `lang=de; ${cookies[0]}`,
      cookies[1],
      null,
      cookies[2],
    ])
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Basic abc', null, null, null])
  })

  it('makes a GET of a posted form that is redirected, and does not send a body twice by itself', async () => {
    const session = await signedIn()
    let status = 303
    steam.fault = ({ path }) =>
      path === '/post' ? new Response(null, { status, headers: { location: `${COMMUNITY}/done` } }) : null
    const body = new URLSearchParams({ sessionid: await session.sessionId() })
    await session.fetch(`${COMMUNITY}/post`, { method: 'POST', body })
    expect(steam.calls.slice(-2).map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /post', 'GET /done'])
    expect(steam.calls.at(-2)?.fields.sessionid).toMatch(/^[\da-f]{24}$/)
    status = 307
    expect((await session.fetch(`${COMMUNITY}/post`, { method: 'POST', body })).status).toBe(307)
    const request = new Request(`${COMMUNITY}/post`, { method: 'POST', body: 'x', redirect: 'manual' })
    expect((await session.fetch(request)).status).toBe(307)
  })

  it('sends no cookie to a foreign address, and takes its 401 as it is', async () => {
    const session = await signedIn()
    steam.calls.length = 0
    steam.fault = () => new Response('', { status: 401 })
    expect((await session.fetch('https://example.com/')).status).toBe(401)
    expect(steam.calls).toHaveLength(1)
    expect(steam.calls[0]?.headers.get('cookie')).toBe(null)
  })

  it('says that nobody is signed in', async () => {
    await expect(open(steam).fetch(`${COMMUNITY}/my/`)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(open(steam).cookieHeader(COMMUNITY)).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('leaves no timer behind when the keeper is stopped', async () => {
    const session = await signedIn()
    const keeper = createKeeper({ auth: session.auth, clock: steam.clock })
    await steam.clock.flush()
    const stopped = keeper.stop()
    await steam.clock.advance(1_000)
    await stopped
    expect(steam.clock.pending).toBe(0)
  })
})
