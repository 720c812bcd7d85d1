/** What an app that is set up wrongly is told: by an error or a `diagnostic`, with the address and the option. */
import { type AuthError, type AuthEvents, restBackend } from 'keyturn'
import { expect, test } from 'vitest'
import { createWorld, jwt } from '../core/world.ts'
import { html, json } from './server.ts'

type Options = Partial<Parameters<typeof restBackend>[0]>
type Answers = Partial<Record<'login' | 'refresh' | 'user', () => Response | Promise<Response>>>

const API = 'https://api.example.test'
const now = Math.floor(Date.UTC(2026, 0, 1) / 1000)
const access = (life = 900) => jwt({ sub: 'ada', iat: now, exp: now + life })
const pair = () => json({ access_token: access(), refresh_token: 'refresh-1', user: { id: 1 } })

/** Signs in with the real engine, and renews once. Gives back all that was told. */
async function told(answers: Answers, options: Options = {}): Promise<readonly string[]> {
  const seen: AuthError[] = []
  const fetch = (async (address: URL, { method }: RequestInit = {}) => {
    const path = String(address)
    if (method === 'HEAD') throw new TypeError('Failed to fetch')
    if (path.includes('login')) return (answers.login ?? pair)()
    return path.includes('refresh') ? (answers.refresh ?? pair)() : (answers.user ?? pair)()
  }) as typeof globalThis.fetch
  const world = createWorld({ fetch })
  const { auth, events } = world.open({ backend: restBackend({ baseUrl: API, ...options }) as never })
  const note = (error: AuthError) => void seen.push(error)
  await auth.signIn({}).catch(note)
  await world.clock.flush()
  if (auth.getState().status === 'authenticated') {
    const refreshed = auth.refresh().catch(note)
    await world.clock.advance(20_000)
    await refreshed
  }
  const diagnostics = events.filter(([name]) => name === 'diagnostic') as ['diagnostic', AuthEvents['diagnostic']][]
  auth.dispose()
  return [...new Set([...seen, ...diagnostics.map(([, { error }]) => error)].map(({ message }) => message))]
}

const refresh = `POST ${API}/auth/refresh-token`

test('a right one is told nothing', async () => {
  expect(await told({})).toEqual([])
})

test.each<[string, Answers, Options, RegExp[]]>([
  ['a wrong path of the refresh', { refresh: () => json({}, 404) }, {}, [/answered 404/, /baseUrl and paths\.refresh/]],
  [
    'camel case at the refresh',
    { refresh: () => json({ accessToken: 'a-secret' }) },
    {},
    [/answered 200/, /"accessToken":"…"/, /fields\.accessToken/],
  ],
  ['a page in answer to the refresh', { refresh: () => html(200) }, {}, [/200 \(text\/html/, /paths\.refresh/]],
  [
    'a wrong port',
    { refresh: () => Promise.reject(new TypeError('Failed to fetch')) },
    {},
    [/could not be reached/, /baseUrl/],
  ],
])('%s names the address and the option', async (_, answers, options, parts) => {
  const all = await told(answers, options)
  expect(all.length).toBeGreaterThan(0)
  for (const message of all) for (const part of [new RegExp(`^${refresh}`), ...parts]) expect(message).toMatch(part)
  expect(all.join()).not.toContain('a-secret')
})

test('a life in ms that is read as s', async () => {
  const login = () => json({ access_token: access(6), refresh_token: 'r', expires: 6000, user: {} })
  expect(await told({ login }, { fields: { expiresIn: 'expires' } })).toContainEqual(
    `restBackend: POST ${API}/auth/login told a life of 6000 s, its token of 6 s. Tell fields.expiresIn in s.`,
  )
  const opaque = () => json({ access_token: 'opaque', refresh_token: 'r', expires_in: 900_000_000, user: {} })
  expect(await told({ login: opaque })).toContainEqual(
    expect.stringMatching(/^restBackend: POST https:\S+login told a life of 900000000 s.*fields\.expiresIn/),
  )
})

test.each([
  ['null', () => json(null), /answered 200 without a user/],
  ['404', () => json({}, 404), /answered 404/],
  ['a page', () => html(200), /answered 200 \(text\/html/],
])('a user endpoint that answers %s', async (_, user, words) => {
  const login = () => json({ access_token: access(), refresh_token: 'r' })
  const all = await told({ login, refresh: login, user })
  expect(all).toEqual([expect.stringMatching(words)])
  expect(all[0]).toMatch(new RegExp(`^GET ${API}/auth/me .*paths\\.user`))
})

test('a user endpoint that is only busy, or refuses, is no mistake of the app', async () => {
  const login = () => json({ access_token: access(), refresh_token: 'r' })
  for (const status of [401, 429, 503]) expect(await told({ login, user: () => json({}, status) })).toEqual([])
})
