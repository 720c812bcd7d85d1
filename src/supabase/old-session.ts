/** Where supabase-js and @supabase/ssr keep a session, and how to read it. */
import Cookies from 'js-cookie'
import { readToken } from '../tokens/read-token.ts'

/** The members of a session that matter here. */
export interface OldSession {
  readonly access_token: string
  readonly refresh_token: string
  /** Seconds since 1970. */
  readonly expires_at: number
  readonly user?: unknown
}

export interface OldCopy {
  /** null: there is none, or it cannot be read. */
  readonly read: () => OldSession | null
  readonly remove: () => void
}

export type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const filled = (value: unknown) => typeof value === 'string' && value !== ''

/** JSON, or `base64-` and base64url of JSON, as @supabase/ssr writes it. */
function parse(text: string | null | undefined): OldSession | null {
  let session: Partial<OldSession> | null = null
  try {
    // The payload of a JWT is base64url of JSON too.
    session = text?.startsWith('base64-') ? readToken(`.${text.slice(7)}`).claims : JSON.parse(text ?? '')
  } catch {
    // Not what either of them writes.
  }
  // As auth-js has it: a session without one of these is none.
  const valid = filled(session?.access_token) && filled(session?.refresh_token) && Number(session?.expires_at) > 0
  return valid ? (session as OldSession) : null
}

/** supabase-js: one entry of a web storage. */
export const webCopy = (storage: WebStorage, key: string): OldCopy => ({
  read: () => parse(storage.getItem(key)),
  remove: () => storage.removeItem(key),
})

/** @supabase/ssr: one cookie, or chunks of it: `<key>.0`, `<key>.1`, … The plain name comes first. */
export const cookieCopy = (key: string, path: string, domain: string | undefined): OldCopy => ({
  read() {
    const all: Record<string, string> = Cookies.get()
    let text = all[key] ?? ''
    if (!text) for (let index = 0; all[`${key}.${index}`]; index++) text += all[`${key}.${index}`]
    return parse(text)
  },
  remove() {
    for (const name of Object.keys(Cookies.get()))
      if (name.startsWith(key) && /^(\.\d+)?$/.test(name.slice(key.length)))
        for (const scope of domain ? [{ path }, { path, domain }] : [{ path }]) Cookies.remove(name, scope)
  },
})
