import { describe, expect, test } from 'vitest'
import type { HttpAnswer } from '../../../src/backends/http.ts'
import { askSecondUse, type Ward } from '../../../src/cli/doctor/ask-refresh.ts'
import { createJar } from '../../../src/cli/doctor/jar.ts'
import { toMend } from '../../../src/cli/doctor/mend.ts'
import { readAnswer } from '../../../src/cli/doctor/read-answer.ts'
import { forgiven } from '../../../src/cli/doctor/rows.ts'
import type { Held, Speak, Spoken } from '../../../src/cli/doctor/speak.ts'
import { fill } from '../../../src/cli/doctor/template.ts'

const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): HttpAnswer =>
  ({
    call: 'POST /',
    status,
    ok: status < 400,
    headers: new Headers(headers),
    body,
    json: body,
    page: false,
  }) as HttpAnswer
const nothing = { access: null, refresh: null, expires: null }
const jwt = (claims: object) => `${btoa('{}')}.${btoa(JSON.stringify(claims))}.sig`

/** A server that forgives a second use for `grace` seconds, on a clock that only `sleep` moves. */
function forgiving(grace: number): Ward {
  let now = 0
  let count = 0
  const firstUse = new Map<string, number>()
  const hold = (): Held => ({ access: 'access', refresh: `r${++count}`, jar: createJar() })
  const spoken = (held: Held, good: boolean) =>
    ({ answer: answer({}, good ? 200 : 401), held, told: { access: good } }) as unknown as Spoken
  const speak = {
    signIn: async () => spoken(hold(), true),
    refresh: async ({ refresh }: Held) => {
      const used = firstUse.get(`${refresh}`) ?? now
      firstUse.set(`${refresh}`, used)
      return spoken(hold(), now - used <= grace * 1000)
    },
    gave: ({ answer: { ok } }: Spoken) => ok,
  } as unknown as Speak
  const start = Date.now()
  const sleep = async (ms: number) => {
    now += Math.max(0, Date.now() + ms - start - now)
  }
  return {
    speak,
    kind: { access: 'token', refresh: 'token' },
    apiCookies: [],
    csrfCookie: null,
    seconds: null,
    safe: (text) => text,
    sleep,
  }
}

describe('a second use', () => {
  test.each([
    [0.5, '0 to 1 s'],
    [7, '5 to 10 s'],
    [600, '30 s at least'],
  ])('that is forgiven for %s s is told as far as it was looked', async (grace, words) => {
    const { second } = await askSecondUse(forgiving(grace))
    expect(forgiven(second.forgives, second.refusedAt)).toBe(words)
  })
})

describe('where tokens and lives are', () => {
  const life = (body: unknown, headers?: Record<string, string>) => {
    const found = readAnswer(answer(body, 200, headers), nothing).life
    return found && { ...found, seconds: Math.round(found.seconds) }
  }

  test('tokens are found by their names, the outer ones first, and at given paths', () => {
    const read = (body: unknown, fields = nothing) => {
      const { access, refresh } = readAnswer(answer(body), fields)
      return [access?.at, refresh?.at]
    }
    expect(read({ data: { access_token: 'aaaaaaaa', refresh_token: 'rrrrrrrr' } })).toEqual([
      'data.access_token',
      'data.refresh_token',
    ])
    expect(read({ token: 'aaaaaaaa', user: { token: 'bbbbbbbb' } })).toEqual(['token', undefined])
    expect(read({ jwt: 'aaaaaaaa', id_token: 'iiiiiiii', refreshToken: 'rrrrrrrr' })).toEqual(['jwt', 'refreshToken'])
    expect(read({ a: 'aaaaaaaa', token: 'bbbbbbbb' }, { ...nothing, access: 'a' } as never)).toEqual(['a', undefined])
    expect(read({ token: 'bbbbbbbb' }, { ...nothing, access: 'none' } as never)).toEqual([undefined, undefined])
    expect(read(null)).toEqual([undefined, undefined])
  })

  test('a life is told in s, in ms, as a point in time, or by the token', () => {
    const now = Math.floor(Date.now() / 1000)
    const token = jwt({ iat: now, exp: now + 900 })
    expect(life({ access_token: token })).toEqual({ at: 'exp', told: false, unit: 's', point: false, seconds: 900 })
    expect(life({ access_token: token, expires_in: 900 })).toMatchObject({ at: 'expires_in', unit: 's', seconds: 900 })
    expect(life({ access_token: token, expires: 900_000 })).toMatchObject({
      at: 'expires',
      unit: 'ms',
      point: false,
      seconds: 900,
    })
    expect(life({ expiresIn: 3_600_000 })).toMatchObject({ unit: 'ms', seconds: 3600 })
    expect(life({ expiresIn: 900_000 }, { 'Set-Cookie': 'a=b; Max-Age=900' })).toMatchObject({
      unit: 'ms',
      seconds: 900,
    })
    expect(life({ expiresAt: new Date((now + 60) * 1000).toISOString() })).toMatchObject({ unit: 'date', point: true })
    expect(life({ expires_at: now + 60 })).toMatchObject({ unit: 's', point: true })
    expect(life({ expires_at: (now + 60) * 1000 })).toMatchObject({ unit: 'ms', point: true })
    expect(life({ message: 'hello' })).toBe(null)
  })
})

test('a body is JSON or a form, and a member whose value is missing is left out', () => {
  const values = { email: 'a@b', password: 'p"&=', refresh: null, access: null }
  expect(fill('{"user":{"id":"{email}"},"password":"{password}","remember":true}', values)).toEqual({
    user: { id: 'a@b' },
    password: 'p"&=',
    remember: true,
  })
  expect(fill('{"refresh_token":"{refresh}","mode":"json"}', values)).toEqual({ mode: 'json' })
  expect(String(fill('grant_type=password&username={email}&password={password}&t={refresh}', values))).toBe(
    'grant_type=password&username=a%40b&password=p%22%26%3D',
  )
})

describe('what to mend', () => {
  const kind = { access: 'token', refresh: 'cookie' } as const

  test('cookies that scripts can read, or that browsers drop', () => {
    expect(toMend({ kind, cookies: [['rt', 'SameSite=None; Path=/; kept']] })).toEqual([
      expect.stringMatching(/rt opens the session and is not HttpOnly/),
      expect.stringMatching(/rt is SameSite=None without Secure/),
    ])
  })

  test('any origin with cookies, a clock that differs, an outage for a refusal, days of life', () => {
    const cors = { page: 'the same', stranger: 'the same', credentials: true }
    const life = { at: 'exp', told: false, unit: 's', point: false, seconds: 30 * 86_400 } as const
    const api = { malformed: '500 jwt malformed', missing: '401' }
    expect(toMend({ kind, cors, clock: -90, api, life })).toEqual([
      expect.stringMatching(/any origin in with cookies/),
      expect.stringMatching(/lives for 30 days/),
      expect.stringMatching(/5xx/),
      expect.stringMatching(/90 s behind/),
    ])
  })
})
