/** A browser as a server sees it: a cookie jar that takes Set-Cookie lines, and what `cookieStorage` writes into it. */

import { SignJWT } from 'jose'
import { type CookieStorageOptions, cookieStorage, type SessionRecord, type StoredSession } from 'keyturn'
import type { ServerAuthOptions } from 'keyturn/server'
import { onTestFinished } from 'vitest'

export const now = Date.UTC(2026, 0, 2, 3, 4, 5)
export const HOUR = 3_600_000
export const secret = new TextEncoder().encode('a secret of the auth server, 32 bytes or more')
export const rules = { keys: secret, issuer: 'https://id.example.test', audience: 'app' }

/** A clock that stands still. */
export const clock = {
  now: () => now,
  setTimeout: () => 0,
  clearTimeout: () => {},
}

export const token = (claims: Record<string, unknown> = {}, key = secret) =>
  new SignJWT({ sub: 'ada', name: 'Ada', iss: rules.issuer, aud: rules.audience, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(now / 1000 - 60)
    .setExpirationTime((claims.exp as number | undefined) ?? (now + HOUR) / 1000)
    .sign(key)

export const record = (change: Partial<SessionRecord> = {}): SessionRecord => ({
  id: 'session-1',
  order: 7,
  version: 3,
  backend: 'https://app.example.test',
  receivedAt: now - HOUR,
  expiresAt: now + HOUR,
  skew: 0,
  subject: 'ada',
  user: { name: 'Ada Lovelace' },
  ...change,
})

export class Jar {
  readonly cookies = new Map<string, string>()
  /** The last line of each name. */
  readonly lines = new Map<string, string>()

  get cookie() {
    return [...this.cookies].map((pair) => pair.join('=')).join('; ')
  }

  set cookie(line: string) {
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
    const ends = /expires=([^;]*)/i.exec(line)?.[1]
    const gone = /max-age=(-\d|0)/i.test(line) || (ends && Date.parse(ends) <= now)
    if (gone) this.cookies.delete(name)
    else this.cookies.set(name, value)
    this.lines.set(name, line)
  }

  take(setCookies: readonly string[]) {
    for (const line of setCookies) this.cookie = line
  }

  /** Runs what a page would, with this jar as its cookies. */
  inPage<T>(run: () => T): T {
    Object.assign(globalThis, { document: { cookie: '', location: { hostname: 'app.example.test', pathname: '/' } } })
    Object.defineProperty(document, 'cookie', { get: () => this.cookie, set: (line: string) => this.set(line) })
    try {
      return run()
    } finally {
      Reflect.deleteProperty(globalThis, 'document')
    }
  }

  private set(line: string) {
    this.cookie = line
  }

  write(session: StoredSession, options: CookieStorageOptions = {}) {
    this.inPage(() => void cookieStorage(options).write(session, { now, secure: true, warn: () => {} }))
    return this
  }

  read(options: CookieStorageOptions = {}) {
    return this.inPage(() => cookieStorage(options).read()) as StoredSession | null
  }

  /** A navigation to the server. */
  request(headers: Record<string, string> = {}, init: RequestInit = {}) {
    const site = { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    return new Request('https://app.example.test/', {
      ...init,
      headers: { ...site, ...(this.cookies.size && { Cookie: this.cookie }), ...headers },
    })
  }
}

export const options = (change: Partial<ServerAuthOptions> = {}): ServerAuthOptions => ({
  verify: rules,
  ports: { clock },
  ...change,
})

/** A jar with a session in it. */
export async function signedIn(change: Partial<StoredSession> = {}, storage: CookieStorageOptions = {}) {
  const session = { accessToken: await token(), refreshToken: 'refresh-1', record: record(), ...change }
  return new Jar().write(session, storage)
}

/** The keys of an auth server at an address that the test chooses; what is asked for is counted. */
export function stubFetch(answer: () => Response | Promise<Response>) {
  const real = globalThis.fetch
  const asked: string[] = []
  globalThis.fetch = async (input) => {
    asked.push(String(input instanceof Request ? input.url : input))
    return answer()
  }
  onTestFinished(() => {
    globalThis.fetch = real
  })
  return asked
}
