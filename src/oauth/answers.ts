import type { TokenEndpointResponse } from 'oauth4webapi'
import { getValidatedIdTokenClaims } from 'oauth4webapi'
import { AuthError, type AuthErrorCode } from '../core/errors.ts'
import type { TokenAnswer } from '../core/types.ts'
import type { OAuthClaims, OAuthOptions } from './types.ts'

/** About the token, not about the person. */
const ABOUT = [
  'iss',
  'aud',
  'exp',
  'iat',
  'nbf',
  'nonce',
  'jti',
  'azp',
  'at_hash',
  'c_hash',
  's_hash',
  'auth_time',
  'sid',
]

/** The person as the app wants to see them. What `toUser` throws costs no token: it is told beside. */
export function userOf<User>(claims: OAuthClaims, { toUser }: OAuthOptions<User>): User {
  const person = Object.fromEntries(Object.entries(claims).filter(([name]) => !ABOUT.includes(name)))
  return toUser ? toUser(person as OAuthClaims) : (person as User)
}

export function tokensOf<User>(found: TokenEndpointResponse, options: OAuthOptions<User>): TokenAnswer<User> {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = found
  const tokens = { accessToken, refreshToken, expiresIn }
  const claims = getValidatedIdTokenClaims(found)
  if (!claims || options.user === 'userinfo') return tokens
  try {
    return { ...tokens, user: userOf(claims, options) }
  } catch (cause) {
    return { ...tokens, problem: new AuthError('misconfigured', 'oauthBackend: toUser threw.', { cause }) }
  }
}

/** What the provider says when it sends the person back without a code (RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6). */
export function refusalOf(query: URLSearchParams): AuthError {
  const serverCode = query.get('error') ?? ''
  const words = query.get('error_description')
  const code: AuthErrorCode = /^(interaction|login|consent|account_selection)_/.test(serverCode)
    ? 'interaction_required'
    : /^(server_error|temporarily_unavailable)$/.test(serverCode)
      ? 'unavailable'
      : 'credentials_rejected'
  return new AuthError(code, words || `The provider says: ${serverCode}.`, { serverCode })
}
