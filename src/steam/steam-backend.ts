import { AuthError, misuse } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Backend, BackendContext, RefreshOutcome, TokenAnswer } from '../core/types.ts'
import { systemClock } from '../node/node-ports.ts'
import { generateAccessToken, revokeToken } from './app-token.ts'
import { accessTokenOf, type Jar, LOGIN, lifeOf, loginValue, packJar, unpackJar, withSessionId } from './jar.ts'
import type { Failed } from './results.ts'
import { checkRefreshToken, type SteamPlatform } from './steam-token.ts'
import { newSessionId, transferLogin } from './transfers.ts'

const DAY = 86_400_000
/** For a mobile token Steam names no domains. */
const DOMAINS = ['steamcommunity.com', 'store.steampowered.com', 'help.steampowered.com', 'checkout.steampowered.com']

export interface SteamCredentials {
  /** Made by signing in once, in a browser or an app. Passwords and Steam Guard are no affair of this kit. */
  readonly refreshToken: string
}

/** Who is signed in, and with which refresh token. Holds no secret. */
export interface SteamUser {
  readonly steamId: string
  readonly platform: SteamPlatform
  /** The refresh token's own id (`jti`); another one once Steam has replaced it. */
  readonly tokenId: string | null
  /** When the refresh token ends, in ms since 1970, by Steam's clock. */
  readonly endsAt: number | null
}

export interface SteamBackendOptions {
  /** The account, as 17 digits. A token of any other is refused before anything is sent. */
  readonly steamId: string
  /** Refuses tokens of the other platform. Default: whatever the token says. */
  readonly platform?: SteamPlatform
  /**
   * Lets Steam replace a mobile refresh token that is near its end. The old one is dead at once then, so this is only for a
   * storage that outlives the process, and one that is the only place of the token. Default: false.
   */
  readonly rotate?: boolean
  /** How near, in ms. Default: 45 days. Steam decides whether it does. */
  readonly rotateWithin?: number
  /** The domains that get the cookie of a mobile token. Default: community, store, help and checkout. */
  readonly domains?: readonly string[]
  /** Default: the clock of the process. */
  readonly clock?: Clock
}

/**
 * Makes web cookies for every Steam domain out of a refresh token, and new ones before they end. What the engine knows as the
 * access token is a jar of cookies: read it with {@link createSteamAuth}.
 *
 * - A **web** token gives cookies by `finalizelogin` and its transfers. It stays the same until it ends (some 200 days), and
 *   Steam does not renew it: then a person signs in anew.
 * - A **mobile** token gives an access token, and Steam replaces it when it is near its end, if `rotate` allows it.
 *
 * It does not sign in by password, and evades nothing.
 * @throws AuthError `misconfigured`
 */
export function steamBackend(options: SteamBackendOptions): Backend<SteamUser, SteamCredentials> {
  const {
    steamId,
    platform,
    rotate = false,
    rotateWithin = 45 * DAY,
    domains = DOMAINS,
    clock = systemClock(),
  } = options ?? {}
  if (!/^7656\d{13}$/.test(steamId)) misuse('steamBackend: steamId must be the 17 digits of a SteamID64, as a text.')
  if (platform !== undefined && platform !== 'web' && platform !== 'mobile')
    misuse(`steamBackend: platform must be 'web' or 'mobile', not '${platform}'.`)
  if (!(rotateWithin >= 0)) misuse(`steamBackend: rotateWithin must be a number of ms, 0 or more, not ${rotateWithin}.`)

  const renewed = (refreshToken: string, jar: Jar): RefreshOutcome<SteamUser> => {
    const { id, endsAt, platform: made } = checkRefreshToken(refreshToken, { steamId, platform })
    const { owners, expiresIn } = lifeOf(jar)
    if (!owners.length || owners.some((owner) => owner !== steamId)) {
      const error = new AuthError('invalid_response', `Steam gave cookies that are not of account ${steamId}.`)
      return { type: 'unavailable', error, hint: true }
    }
    const user = { steamId, platform: made, tokenId: id, endsAt: endsAt === null ? null : endsAt * 1000 }
    return { type: 'renewed', answer: { accessToken: packJar(jar), refreshToken, expiresIn, user } }
  }
  const byTransfers = async (refreshToken: string, context: BackendContext): Promise<RefreshOutcome<SteamUser>> => {
    const jar = await transferLogin(refreshToken, steamId, context, clock)
    return 'type' in jar ? jar : renewed(refreshToken, jar)
  }
  const byApp = async (
    refreshToken: string,
    allow: boolean,
    context: BackendContext,
  ): Promise<RefreshOutcome<SteamUser>> => {
    const tokens = await generateAccessToken(refreshToken, steamId, allow, context)
    // Good tokens have been told so as well. Before it counts, the other way is tried.
    if (tokens.type !== 'tokens') return isDenied(tokens) ? byTransfers(refreshToken, context) : tokens
    const value = loginValue(steamId, tokens.accessToken)
    const cookies = domains.map((domain) => ({ name: LOGIN, value, domain }))
    return renewed(tokens.refreshToken ?? refreshToken, withSessionId(cookies, newSessionId(), ''))
  }
  const renew = async (
    refreshToken: string,
    allow: boolean,
    context: BackendContext,
  ): Promise<RefreshOutcome<SteamUser>> => {
    const facts = checkRefreshToken(refreshToken, { steamId, platform })
    if (facts.platform === 'web') return byTransfers(refreshToken, context)
    const near = facts.endsAt !== null && facts.endsAt * 1000 - context.now <= rotateWithin
    return byApp(refreshToken, allow && near, context)
  }

  return Object.freeze<Backend<SteamUser, SteamCredentials>>({
    baseUrl: 'https://steamcommunity.com',
    async signIn(credentials, context): Promise<TokenAnswer<SteamUser>> {
      // Nothing rotates here: there is no place yet to note it.
      const outcome = await renew(credentials?.refreshToken, false, context)
      if (outcome.type === 'renewed') return outcome.answer
      if (outcome.type === 'extended') throw new AuthError('invalid_response', 'Steam gave no cookies.')
      const { message, serverCode, status } = outcome.error
      throw outcome.type === 'rejected'
        ? new AuthError('credentials_rejected', message, { serverCode, status })
        : outcome.error
    },
    async refresh({ refreshToken }, context) {
      try {
        checkRefreshToken(refreshToken, { steamId, platform })
      } catch (error) {
        // Stored for other options than these: no try will help, and no call is made.
        return {
          type: 'interaction_required',
          error: new AuthError('interaction_required', (error as AuthError).message),
        }
      }
      return renew(String(refreshToken), rotate, context)
    },
    async signOut({ accessToken, refreshToken }, scope, context) {
      const jar = unpackJar(accessToken)
      // Other sessions of the account are for Steam's own page of devices.
      if (!jar || !refreshToken || scope === 'others') return false
      if (!(await revokeToken(refreshToken, accessTokenOf(jar), context)) || scope !== 'local') return false
    },
  })
}

const isDenied = ({ type, error }: Failed): boolean => type === 'rejected' && error.serverCode === 'AccessDenied'
