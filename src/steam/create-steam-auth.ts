import { AuthError, misuse } from '../core/errors.ts'
import type { Ports } from '../core/ports.ts'
import type { AuthStorage } from '../core/types.ts'
import { createNodeAuth, type NodeAuth } from '../node/create-node-auth.ts'
import type { HostStorage } from '../node/host-storage.ts'
import { headerFor, type Jar, unpackJar } from './jar.ts'
import { type SteamBackendOptions, type SteamCredentials, type SteamUser, steamBackend } from './steam-backend.ts'
import { createSteamFetch, type SteamFetch } from './steam-fetch.ts'

const MINUTE = 60_000

export interface SteamAuthOptions extends Omit<SteamBackendOptions, 'rotate'> {
  /**
   * `sealedFile` or `postgresStorage`. With any other, such as `memoryStorage()` and a token from the environment, a mobile
   * refresh token is never replaced: the new one would be lost, and the old one dead.
   */
  readonly storage: HostStorage | AuthStorage
  /** True: timers do not keep the process alive. Default: false; it lives until `auth.close()`. */
  readonly unref?: boolean
  /** Replaces parts of the environment, for tests. */
  readonly ports?: Partial<Ports>
}

export interface SteamAuth {
  /** Sign in once with `{ refreshToken }`; give it to `createKeeper`; end it with `close()`. */
  readonly auth: NodeAuth<SteamUser, SteamCredentials>
  /** As `fetch`, with the session's cookies. */
  readonly fetch: SteamFetch
  /**
   * The `Cookie` header for one address: that domain's cookies and no other's; empty where there are none. A secret.
   * @throws AuthError `unauthenticated`; `unavailable` when the cookies have ended and new ones cannot be had; `misconfigured`
   */
  readonly cookieHeader: (url: string | URL) => Promise<string>
  /** What forms of Steam's pages want as the field `sessionid`. @throws AuthError as `cookieHeader` */
  readonly sessionId: () => Promise<string>
  /** When the refresh token ends, in ms since 1970; null: unknown. For the keeper's `endsAt`. */
  readonly endsAt: () => number | null
  /** Calls `run` when the refresh token was replaced; it is stored by then. Returns the way back. */
  readonly onRotated: (run: (user: SteamUser) => void) => () => void
}

/**
 * A Steam session of a process, for an account of one's own. Beside what `createNodeAuth` promises: cookies are made anew
 * while they still work, once, however many requests want them.
 *
 * One host owns a refresh token. On another one, or in another program, its renewal here ends it there.
 * @throws AuthError `misconfigured`, `storage_failed`
 * @example
 * const steam = createSteamAuth({ steamId: '76561198000000000', storage })
 * await steam.auth.signIn({ refreshToken })
 * const page = await steam.fetch('https://steamcommunity.com/my/')
 */
export function createSteamAuth(options: SteamAuthOptions): SteamAuth {
  const { storage, unref = false, ports, ...backend } = options ?? {}
  if (!storage) misuse('createSteamAuth: no storage. Pass sealedFile({ … }).')
  const clock = backend.clock ?? ports?.clock
  const auth = createNodeAuth<SteamUser, SteamCredentials>({
    backend: steamBackend({ ...backend, ...(clock && { clock }), rotate: 'noteRenewal' in storage }),
    storage,
    unref,
    // Cookies live a day. Transfers are tried five times.
    refreshMargin: 30 * MINUTE,
    timeout: 30_000,
    ...(ports && { ports }),
  })

  const token = async (): Promise<string> => {
    const early = await auth.getAccessToken({ minLife: 15 * MINUTE }).catch(() => auth.getAccessToken({ minLife: 0 }))
    if (early === null)
      throw new AuthError('unauthenticated', 'Steam: nobody is signed in. Sign in with a refresh token.')
    return early
  }
  const jar = async (): Promise<Jar> =>
    unpackJar(await token()) ?? misuse('Steam: the storage holds a session of another back end.')

  return Object.freeze<SteamAuth>({
    auth,
    fetch: createSteamFetch(auth, token),
    cookieHeader: async (url) => headerFor(await jar(), url),
    sessionId: async () => (await jar()).sessionId,
    endsAt: () => auth.getState().user?.endsAt ?? null,
    onRotated: (run) =>
      auth.on('user_changed', ({ user, previous }) => {
        if (user && previous && user.steamId === previous.steamId && user.tokenId !== previous.tokenId) run(user)
      }),
  })
}
