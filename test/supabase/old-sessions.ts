import type { AuthStorage, StoredSession, WriteContext } from 'keyturn'
import { type MoveOptions, type MoveOutcome, moveSupabaseSession } from 'keyturn/supabase'
import { jwt, url, user } from './project.ts'

/** The name under which both libraries keep a session of the project in `project.ts`. */
export const key = 'sb-abc-auth-token'

const HOUR = 3600
const nowInSeconds = () => Math.floor(Date.now() / 1000)

/** A session as supabase-js stores it: the whole answer of the token endpoint. `left`: seconds until it runs out. */
export function oldSession({ id = 'session-1', refreshToken = 'aaaabbbbcccc', left = HOUR, name = 'Ada' } = {}) {
  const expires_at = nowInSeconds() + left
  return {
    access_token: jwt({ iss: `${url}/auth/v1`, sub: user.id, exp: expires_at, iat: expires_at - HOUR, session_id: id }),
    token_type: 'bearer',
    expires_in: HOUR,
    expires_at,
    refresh_token: refreshToken,
    user: { ...user, user_metadata: { name } },
  }
}

export type OldSession = ReturnType<typeof oldSession>

const ONE_YEAR = 'Path=/; SameSite=Lax; Max-Age=34560000'
const CHUNK = 3180

export const encoded = (session: unknown): string =>
  `base64-${Buffer.from(JSON.stringify(session)).toString('base64url')}`

/** Writes cookies as @supabase/ssr does: the plain name, or chunks of at most 3180 characters once URL-encoded. */
export function writeCookies(value: string, name: string = key, attributes: string = ONE_YEAR): void {
  const put = (part: string, text: string) => {
    // biome-ignore lint/suspicious/noDocumentCookie: it plays the part of another library
    document.cookie = `${part}=${encodeURIComponent(text)}; ${attributes}`
  }
  if (encodeURIComponent(value).length <= CHUNK) {
    put(name, value)
    return
  }
  const chunks = ['']
  let room = CHUNK
  for (const char of value) {
    const size = encodeURIComponent(char).length
    if (size > room) {
      chunks.push('')
      room = CHUNK
    }
    chunks[chunks.length - 1] += char
    room -= size
  }
  for (const [index, chunk] of chunks.entries()) put(`${name}.${index}`, chunk)
}

/** Writes a session as supabase-js does. */
export const put = (session: unknown, name: string = key): void => localStorage.setItem(name, JSON.stringify(session))

export const move = (storage: AuthStorage, more: Partial<MoveOptions> = {}): MoveOutcome =>
  moveSupabaseSession({ url, storage, ...more })

/** What a storage holds that answers at once. */
export const held = (storage: AuthStorage): StoredSession | null => {
  const session = storage.read() as StoredSession | null
  return session?.record?.over ? null : session
}

export const context: WriteContext = { secure: true, now: Date.now(), warn: () => {} }

/** What the engine leaves in a storage when somebody signs out. */
export function signOut(storage: AuthStorage): void {
  const now = Date.now()
  const record = { id: 'session-1', order: now, version: 1, over: 'signed_out', receivedAt: now } as const
  void storage.write(
    { accessToken: null, refreshToken: null, record: { ...record, expiresAt: null, skew: 0, user: null } },
    context,
  )
}

/** The tokens of an old session, by the names that they have here. */
export const tokensOf = (session: OldSession): { accessToken: string; refreshToken: string } => ({
  accessToken: session.access_token,
  refreshToken: session.refresh_token,
})
