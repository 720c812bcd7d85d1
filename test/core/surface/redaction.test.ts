import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { type Auth, type AuthStorage, restBackend } from 'keyturn'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createWorld, HOUR, type Tab } from '../world.ts'

const PART = 8

/** The parts of secrets that a text holds. */
function leaks(text: string, secrets: Iterable<string>): string[] {
  const found: string[] = []
  for (const secret of secrets)
    for (let at = 0; at + PART <= secret.length; at++) {
      const part = secret.slice(at, at + PART)
      if (text.includes(part)) found.push(part)
    }
  return found
}

/** Everything about a value that a log could show: hidden members, causes and stacks included. */
const spell = (value: unknown) =>
  inspect(value, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null, breakLength: Infinity })

/** A token server over HTTP whose tokens look like chance, and that talks too much when it refuses. */
function createServer(now: () => number) {
  const secrets = new Set<string>()
  const secret = (text: string) => createHash('sha256').update(text).digest('base64url')
  let count = 0
  let refreshToken = ''
  let accessToken = ''
  const issue = () => {
    const iat = Math.floor(now() / 1000)
    const claims = { sub: 'ada', iat, exp: iat + 3600, jti: secret(`jti ${++count}`) }
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    accessToken = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.${secret(`signature ${count}`)}`
    refreshToken = secret(`refresh ${count}`)
    for (const token of [accessToken, refreshToken]) secrets.add(token)
    return { access_token: accessToken, refresh_token: refreshToken, user: { id: 1, name: 'Ada' } }
  }
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })
  /** The answers to the next refreshes. */
  const script: ((token: string) => Response | Promise<Response>)[] = []
  const fetch = vi.fn(async (url: unknown, init?: RequestInit) => {
    const body = JSON.parse(String(init?.body ?? '{}'))
    if (String(url).endsWith('/login'))
      return body.password === 'right' ? json(200, issue()) : json(401, { detail: 'Invalid email or password' })
    if (String(url).endsWith('/logout')) return json(500, { detail: `cannot revoke ${body.refresh_token}` })
    const step = script.shift()
    if (step) return step(body.refresh_token)
    if (body.refresh_token === refreshToken) return json(200, issue())
    return json(401, { detail: `the token ${body.refresh_token} was used before`, code: body.refresh_token })
  })
  const troubles: ((token: string) => Response | Promise<Response>)[] = [
    (token) => json(503, { detail: `no database for ${token}, bearer ${accessToken}` }),
    () => new Response(`{"access_token":"${accessToken}","refresh_token":"${refreshToken}`),
    () => Promise.reject(new TypeError('Failed to fetch')),
    () => new Response(`<html>${accessToken}</html>`, { headers: { 'Content-Type': 'text/html' } }),
    (token) => json(409, { message: token }),
    (token) => json(400, { error: 'captcha_required', error_description: token }),
    () => json(200, [{ access_token: accessToken }]),
  ]
  return { fetch, secrets, script, troubles }
}

async function everything() {
  const shown: unknown[] = []
  const consoles = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...args) => void shown.push([`console.${name}`, ...args])),
  )
  const world = createWorld({ fetch: (...args) => server.fetch(...args) })
  const server = createServer(world.clock.now)
  const { clock, browser } = world
  const backend = restBackend({ baseUrl: '/api' }) as never
  const codes = new Set<string>()
  const watch = (tab: Tab) => {
    const look = () => shown.push(tab.auth.getState(), tab.auth.inspect())
    tab.auth.subscribe(look)
    for (const name of ['signed_out', 'refresh_failed', 'refreshed'] as const) tab.auth.on(name, look)
    look()
    return tab
  }
  /** Lets a call come to its end, and notes how it fails. What it resolves with is the app's own. */
  const settle = async (call: Promise<unknown>, ms = 16_000) => {
    const done = call.catch((error) => {
      codes.add(error.code ?? error.name)
      shown.push(error, String(error), error.stack, JSON.stringify(error))
    })
    await clock.advance(ms)
    await done
  }
  const request = (auth: Auth, status: (token: string | null) => number) =>
    auth
      .exchange({
        url: '/data',
        origins: ['/'],
        repeatable: true,
        send: async ({ token }) => ({ status: status(token) }),
      })
      .then(({ error }) => error && Promise.reject(error))

  const here = watch(world.open({ backend }))
  const there = watch(world.open({ backend }))
  await settle(here.auth.signIn({ email: 'ada', password: 'wrong' }))
  await settle(here.auth.signIn({ email: 'ada', password: 'right' }))
  await settle(request(here.auth, () => 200))
  await settle(request(here.auth, () => 401))
  await settle(here.auth.refresh())
  for (const trouble of server.troubles) {
    server.script.push(trouble, trouble, trouble, trouble)
    await settle(there.auth.refresh())
    server.script.length = 0
    await settle(here.auth.refresh())
  }
  clock.jump(2 * HOUR)
  server.script.push(...Array.from({ length: 6 }, () => server.troubles[0] as () => Response))
  await settle(request(there.auth, () => 200))
  server.script.length = 0
  await settle(here.auth.refresh(), 10 * 60_000)
  await settle(here.auth.signOut())
  await settle(here.auth.signIn({ email: 'ada', password: 'right' }))
  // A spent token: refused, with the token in the words.
  const stored = browser.stored()
  await settle(here.auth.refresh())
  here.auth.dispose()
  there.auth.dispose()
  browser.setStored(stored)
  const late = watch(world.open({ backend }))
  await settle(late.auth.refresh())
  await settle(late.auth.getAccessToken().then(() => Promise.reject(new Error('no failure'))))

  // A storage that fails.
  const failing: AuthStorage = {
    read: () => null,
    write: () => Promise.reject(new Error('QuotaExceeded')),
  }
  const stuck = watch(world.open({ backend, storage: failing }))
  await settle(stuck.auth.signIn({ email: 'ada', password: 'right' }))
  await settle(stuck.auth.refresh())
  await settle(stuck.auth.signOut())
  const gone = stuck.auth.refresh()
  stuck.auth.dispose()
  await settle(gone)

  shown.push(...browser.messages)
  for (const { events, auth } of [here, there, late, stuck]) shown.push(...events, auth.getState(), auth.inspect())
  const names = new Set([here, there, late, stuck].flatMap((tab) => tab.names()))
  for (const spy of consoles) spy.mockRestore()
  return { shown, secrets: server.secrets, codes, names, fetch: server.fetch, stored }
}

afterEach(() => void vi.restoreAllMocks())

describe('a token goes nowhere', () => {
  test('but into storage and the requests: no event, error, cause, log, message, state or inspection has a part of one', async () => {
    const { shown, secrets, codes, names, fetch, stored } = await everything()
    // The scenario did visit what it is about.
    expect([...names].sort()).toEqual(
      ['refresh_failed', 'refreshed', 'signed_in', 'signed_out', 'storage_failed', 'diagnostic'].sort(),
    )
    for (const code of ['credentials_rejected', 'unavailable', 'rejected', 'token_refused'])
      expect(codes).toContain(code)
    expect(secrets.size).toBeGreaterThan(10)
    expect(shown.length).toBeGreaterThan(60)
    // The search would find one: in what is meant to have it, and in each place where it is planted.
    expect(leaks(spell(stored), secrets)).not.toEqual([])
    expect(leaks(spell(fetch.mock.calls), secrets)).not.toEqual([])

    for (const value of shown) expect(leaks(typeof value === 'string' ? value : spell(value), secrets)).toEqual([])
  })

  test.each<[string, (token: string) => unknown]>([
    ['a message', (token) => new Error(`bad token ${token}`)],
    ['the cause of a cause', (token) => new Error('a', { cause: new Error('b', { cause: { token } }) })],
    ['a hidden member', (token) => Object.defineProperty({}, 'token', { value: token, enumerable: false })],
    ['an event', (token) => ['signed_in', { user: { deep: [{ er: { token } }] }, by: 'this_tab' }]],
    ['a part of 8 characters', (token) => `…${token.slice(5, 13)}…`],
    ['a URL', (token) => `https://example.test/?t=${token}`],
  ])('the search finds a token that is planted in %s', (_, plant) => {
    const token = createHash('sha256').update('planted').digest('base64url')
    expect(leaks(spell(plant(token)), [token])).not.toEqual([])
    expect(leaks(spell(plant('harmless-and-long-enough')), [token])).toEqual([])
  })
})
