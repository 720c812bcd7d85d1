import { checkUrl } from '../backends/supabase-project.ts'
import type { SupabaseBackendOptions, SupabaseUser } from '../backends/supabase-types.ts'
import { currentPath, currentUrl } from '../browser/page.ts'
import { localStore } from '../browser/web-storage.ts'
import { type AuthError, misuse } from '../core/errors.ts'
import type { AuthStorage, StoredSession } from '../core/types.ts'
import { readToken } from '../tokens/read-token.ts'
import { cookieCopy, type OldSession, type WebStorage, webCopy } from './old-session.ts'

export interface MoveOptions<User = SupabaseUser> extends Pick<SupabaseBackendOptions<User>, 'url' | 'toUser'> {
  /** Where the session is to be kept: the storage that `createAuth` gets. It must answer at once, not by promise. */
  readonly storage: AuthStorage
  /** The name of the old session. Default: `sb-<first label of the host>-auth-token`, as in both libraries. */
  readonly storageKey?: string
  /** Where supabase-js kept it, if that was not localStorage; for instance `sessionStorage`. */
  readonly from?: WebStorage
  /** Path of the cookies of @supabase/ssr. Default: `/`. */
  readonly path?: string
  /** Domain of those cookies. Default: none, this host. */
  readonly domain?: string
  /** The time, in ms since 1970, for tests. Default: the device's. */
  readonly now?: number
}

/**
 * - `none`: there was nothing to move, or nothing that can be read.
 * - `moved`: the session is in the storage now, and the old copy is gone.
 * - `dropped`: there was an old copy, but the storage holds a session already, or that very session was moved before
 *   and has ended since. The old copy is gone.
 * - `failed`: the storage did not take the session. The old copy is where it was.
 * - `left_behind`: as `moved` or `dropped`, but the old copy could not be deleted: wrong `path` or `domain`.
 */
export type MoveOutcome = 'none' | 'moved' | 'dropped' | 'failed' | 'left_behind'

/** The old session in this kit's terms. `id`: the server's own id of the session, the same in every tab that moves it. */
function convert<User>(old: OldSession, id: unknown, now: number, toUser: MoveOptions<User>['toUser']): StoredSession {
  const user = old.user instanceof Object ? (toUser ? toUser(old.user as SupabaseUser) : old.user) : null
  const record = { id: String(id), receivedAt: now, expiresAt: old.expires_at * 1000, skew: 0, user }
  return { accessToken: old.access_token, refreshToken: old.refresh_token, record: id ? record : null }
}

/** Writes, and tells whether there is a refresh token now: with that alone a session goes on. */
function keep(storage: AuthStorage, session: StoredSession, now: number): boolean {
  try {
    void storage.write(session, { secure: currentUrl().startsWith('https:'), now, warn: () => {} })
  } catch {
    // Reading tells how far it got.
  }
  // Perhaps another one than was written: another tab may have moved the session, and renewed it, in the same moment.
  return !!(storage.read() as StoredSession | null)?.refreshToken
}

/**
 * Moves the session of supabase-js (localStorage) or @supabase/ssr (cookies) into a storage of this kit, so that nobody
 * has to sign in again. Call it before `createAuth`, on every page load. It asks no server and renews no token; an
 * access token that has run out moves too, for the refresh token is what counts.
 *
 * The old copy is deleted only after the storage has been read back. Which session it was is noted in localStorage,
 * under the old name and `-moved`: a copy of it that turns up again is deleted, not moved. Data that cannot be read, and
 * the code verifiers of a sign-in that is under way, are left alone.
 * @throws AuthError `misconfigured` for a wrong `url`, or a storage that answers by promise. Nothing else.
 */
export function moveSupabaseSession<User = SupabaseUser>(options: MoveOptions<User>): MoveOutcome {
  const { url, storage, toUser, storageKey, from, path = '/', domain, now = Date.now() } = options ?? {}
  const { hostname } = new URL(checkUrl('moveSupabaseSession', url))
  const key = storageKey ?? `sb-${hostname.split('.')[0]}-auth-token`
  const noted = `${key}-moved`
  if (currentPath() === null) return 'none'
  try {
    const held = storage?.read()
    if (held === undefined || held instanceof Promise)
      misuse('moveSupabaseSession: pass the storage that createAuth gets. It must answer at once, not by promise.')
    const local = localStore()
    const web = from ?? local
    const copies = [...(web ? [webCopy(web, key)] : []), cookieCopy(key, path, domain)]
    // Both at once: an app that went from one library to the other before.
    const [old] = copies.flatMap((copy) => copy.read() ?? []).sort((a, b) => b.expires_at - a.expires_at)
    if (!old) return 'none'

    const id = readToken(old.access_token).claims?.session_id
    // What is over leaves a record, and no session.
    const known = (held && !held.record?.over) || (id && local?.getItem(noted) === id)
    if (!known && !keep(storage, convert(old, id, now, toUser), now)) return 'failed'
    for (const copy of copies) if (copy.read()) copy.remove()
    // Where supabase-js may have kept the user apart from the tokens.
    web?.removeItem(`${key}-user`)
    try {
      if (id) local?.setItem(noted, String(id))
    } catch {
      // Full: then it is not noted.
    }
    if (copies.some((copy) => copy.read())) return 'left_behind'
    return known ? 'dropped' : 'moved'
  } catch (error) {
    if ((error as AuthError).code === 'misconfigured') throw error
    return 'failed'
  }
}
