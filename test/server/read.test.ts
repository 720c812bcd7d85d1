import { createServerAuth } from 'keyturn/server'
import { describe, expect, test } from 'vitest'
import { HOUR, Jar, now, options, record, rules, signedIn, stubFetch, token } from './browser.ts'

const server = createServerAuth(options())
const expired = { exp: (now - 1000) / 1000 }
const crossSite = { 'Sec-Fetch-Site': 'cross-site' }

describe('a good access token', () => {
  test('is signed in: with its claims, and with the user that the page will show', async () => {
    const jar = await signedIn()
    expect(await server.read(jar.request())).toMatchObject({
      status: 'signed in',
      claims: { sub: 'ada', name: 'Ada' },
      accessToken: jar.cookies.get('auth-token'),
      state: { status: 'authenticated', user: { name: 'Ada Lovelace' }, problem: null },
    })
  })

  test('in several cookies, because it is long, is read whole', async () => {
    const long = await token({ text: 'x'.repeat(9_000) })
    const jar = await signedIn({ accessToken: long, refreshToken: 'r%'.repeat(2_500) })
    expect([...jar.cookies.keys()].filter((name) => name.startsWith('auth-token'))).toHaveLength(4)
    expect(await server.read(jar.request())).toMatchObject({ status: 'signed in', accessToken: long })
  })

  test('a piece that belongs to no full one is no part of it', async () => {
    const jar = await signedIn()
    jar.cookies.set('auth-token.1', 'planted')
    expect(await server.read(jar.request())).toMatchObject({ status: 'signed in' })
  })

  test('with a prefix and names of their own', async () => {
    const cookies = { prefix: 'shop-', accessName: 'access' }
    const jar = await signedIn({}, cookies)
    expect(await createServerAuth(options({ cookies })).read(jar.request())).toMatchObject({ status: 'signed in' })
    expect(await server.read(jar.request())).toMatchObject({ status: 'nobody' })
  })

  test('of two cookies of one name the one that fits the record counts', async () => {
    const jar = await signedIn()
    const other = await token({ sub: 'grace' })
    const headers = new Headers({ Cookie: `auth-token=${other}; ${jar.cookie}` })
    expect(await server.read(headers)).toMatchObject({ status: 'signed in', claims: { sub: 'ada' } })
  })

  test('without a record, or with one of somebody else, shows who the token says', async () => {
    const toUser = ({ sub }: { sub?: string }) => ({ name: `from the claims: ${sub}` })
    const grace = record({ subject: 'grace', user: { name: 'Grace' } })
    for (const held of [null, grace]) {
      const found = await createServerAuth(options({ toUser })).read((await signedIn({ record: held })).request())
      expect(found).toMatchObject({ status: 'signed in', state: { user: { name: 'from the claims: ada' } } })
    }
  })

  test('checked by a function of the app', async () => {
    const jar = await signedIn({ accessToken: 'opaque' })
    const verify = async (text: string) => (text === 'opaque' ? { sub: 'ada' } : null)
    expect(await createServerAuth(options({ verify })).read(jar.request())).toMatchObject({ claims: { sub: 'ada' } })
  })
})

test('headers that have a member of that name, as those of Next.js, are read as headers', async () => {
  const jar = await signedIn()
  const headers = Object.assign(new Headers({ Cookie: jar.cookie }), { headers: { cookie: 'none' } })
  expect(await server.read(headers)).toMatchObject({ status: 'signed in' })
})

describe('an access token that is not good', () => {
  test.each([
    ['has run out', () => token(expired)],
    ['is signed by somebody else', () => token({}, new TextEncoder().encode('another key of 32 bytes, or a bit more'))],
    ['is of another issuer', () => token({ iss: 'https://evil.example' })],
    ['is for another audience', () => token({ aud: 'another' })],
    ['is no token', async () => 'junk'],
    ['says that it needs no signature', async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"ada"}')}.`],
  ])('%s: expired while there is something to renew it with, else nobody', async (_, make) => {
    const accessToken = await make()
    const found = await server.read((await signedIn({ accessToken })).request())
    expect(found).toMatchObject({ status: 'expired', state: { user: { name: 'Ada Lovelace' } } })
    expect(found).not.toHaveProperty('claims')
    const lost = await server.read((await signedIn({ accessToken, refreshToken: null })).request())
    expect(lost).toMatchObject({ status: 'nobody', state: { status: 'unauthenticated', reason: 'none' } })
  })

  test('its cookie has gone with it: expired', async () => {
    const jar = await signedIn({ record: record({ expiresAt: now - HOUR }) })
    expect(jar.cookies.has('auth-token')).toBe(false)
    expect(await server.read(jar.request())).toMatchObject({ status: 'expired' })
  })

  test('without a record nobody can be shown yet', async () => {
    const jar = await signedIn({ record: null, accessToken: null })
    expect(await server.read(jar.request())).toMatchObject({ status: 'expired', state: { status: 'loading' } })
  })

  test('the refresh token is in an HttpOnly cookie of another path: the record tells', async () => {
    const kind = { access: 'token', refresh: 'cookie' } as const
    const jar = await signedIn({ accessToken: null, refreshToken: null })
    expect(await createServerAuth(options({ kind })).read(jar.request())).toMatchObject({ status: 'expired' })
    expect(await server.read(jar.request())).toMatchObject({ status: 'nobody' })
  })
})

test('after a sign-out there is nobody, whatever tokens lie there', async () => {
  const jar = await signedIn({ record: record({ over: 'signed_out', user: null }) })
  expect(await server.read(jar.request())).toMatchObject({ status: 'nobody' })
})

test('another back end’s session is nobody', async () => {
  const strict = createServerAuth(options({ backendName: 'https://shop.example.test' }))
  expect(await strict.read((await signedIn()).request())).toMatchObject({ status: 'nobody' })
})

describe('without any cookie of a session', () => {
  test.each([
    ['an address that was typed', {}, 'strict', 'nobody'],
    ['a page of this site', { 'Sec-Fetch-Site': 'same-origin' }, 'strict', 'nobody'],
    ['a page of a sibling host', { 'Sec-Fetch-Site': 'same-site' }, 'strict', 'nobody'],
    ['a link of another site', crossSite, 'strict', 'unknown'],
    ['a link of another site, with Lax cookies', crossSite, 'lax', 'nobody'],
    ['a frame in another site, with Lax cookies', { ...crossSite, 'Sec-Fetch-Dest': 'iframe' }, 'lax', 'unknown'],
    ['a frame in another site, with cookies for it', { ...crossSite, 'Sec-Fetch-Dest': 'iframe' }, 'none', 'nobody'],
  ] as const)('%s', async (_, headers, sameSite, status) => {
    const reader = createServerAuth(options({ cookies: { sameSite } }))
    const found = await reader.read(new Jar().request(headers))
    expect(found.status).toBe(status)
    expect(found.state.status).toBe(status === 'unknown' ? 'loading' : 'unauthenticated')
  })

  test('a form that another site sends brings no Lax cookies', async () => {
    const reader = createServerAuth(options({ cookies: { sameSite: 'lax' } }))
    expect(await reader.read(new Jar().request(crossSite, { method: 'POST' }))).toMatchObject({ status: 'unknown' })
  })

  test('a browser that does not say where it comes from: a page of this host, else unknown', async () => {
    expect(await server.read(new Headers())).toMatchObject({ status: 'unknown' })
    const from = (page: string) => new Headers({ Host: 'app.example.test', Referer: page })
    expect(await server.read(from('https://app.example.test/x'))).toMatchObject({ status: 'nobody' })
    expect(await server.read(from('https://news.example/'))).toMatchObject({ status: 'unknown' })
  })
})

describe('keys at an address', () => {
  const remote = () => createServerAuth(options({ verify: { ...rules, keys: 'https://id.example.test/jwks.json' } }))

  test('that cannot be reached: unknown, with the reason, and nobody is shown as signed out', async () => {
    const asked = stubFetch(() => new Response('', { status: 503 }))
    const found = await remote().read((await signedIn()).request())
    expect(found).toMatchObject({ status: 'unknown', error: { code: 'unavailable' }, state: { status: 'loading' } })
    expect(asked).toEqual(['https://id.example.test/jwks.json'])
  })

  test('that has no such key: the token is not good', async () => {
    stubFetch(() => Response.json({ keys: [] }))
    expect(await remote().read((await signedIn()).request())).toMatchObject({ status: 'expired' })
  })
})

test.each([
  [{ verify: undefined }, /verify is missing/],
  [{ verify: { keys: 'secret' } }, /full address, or a key/],
  [{ verify: {} }, /verify.keys is missing/],
  [{ cookie: {} }, /no option 'cookie'/],
  [{ cookies: { prefix: 'ä' } }, /name of a cookie/],
])('what is set up wrongly is said at once: %j', (change, words) => {
  expect(() => createServerAuth(options(change as object))).toThrow(words)
})
