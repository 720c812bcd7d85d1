import type { AuthorizationServer, IDToken, UserInfoResponse } from 'oauth4webapi'

/** What the provider tells of a person: claims of the ID token, or the answer of its userinfo endpoint. */
export type OAuthClaims = Readonly<IDToken> | Readonly<UserInfoResponse>

export interface OAuthOptions<User = OAuthClaims> {
  /** The provider's issuer address; what else is to be known of it is asked for there. `http:` only for this machine. */
  readonly issuer: string
  /** How the provider knows the app: a public client, without a secret. */
  readonly clientId: string
  /** Default: `openid`. Most providers want `offline_access` for a refresh token. @example 'openid profile offline_access' */
  readonly scope?: string
  /** Further parameters of the request for authorization. @example { audience: 'https://api.example.com' } */
  readonly params?: Readonly<Record<string, string>>
  /**
   * Who tells who the person is. `id_token`: the ID token, if `scope` has `openid`. `userinfo`: the userinfo endpoint, one more
   * request. Default: `id_token`.
   */
  readonly user?: 'id_token' | 'userinfo'
  /** Makes the app's user from the claims. Default: the claims, without those that are about the token. */
  readonly toUser?: (claims: OAuthClaims) => User
  /**
   * Binds the tokens to a key of this browser that cannot be exported (DPoP, RFC 9449): a stolen token is useless elsewhere.
   * The provider and the API must know DPoP. Give `proof` of the backend to `attachAuth` or `createAuthFetch`. Default: false.
   */
  readonly dpop?: boolean
  /** What discovery would tell, for a provider that has none (RFC 8414). Default: it is asked. */
  readonly metadata?: Omit<AuthorizationServer, 'issuer'>
}

/** What `auth.signIn` takes. */
export type OAuthCredentials =
  | {
      /** The page that the provider sends the person back to, on which `handleCallback` runs. Relative to the page. */
      readonly redirect: string
      /** Where the person wants to be after that; `handleCallback` gives it back. Default: `/`. */
      readonly returnTo?: string
      /** Further parameters, this time. @example { prompt: 'login' } @example { acr_values: 'mfa' } */
      readonly params?: Readonly<Record<string, string>>
    }
  | {
      /** The query that the provider came back with. For `handleCallback`. */
      readonly callback: URLSearchParams
    }
