// Left out on purpose: implicit and hybrid flows, and passwords (OAuth 2.1 has none of them), popups, and silent frames (browsers
// block their cookies). For a server that keeps a client's secret, see the kinds of session with HttpOnly cookies.
export { handleCallback, type Returned } from './callback.ts'
export { type OAuthBackend, oauthBackend } from './oauth-backend.ts'
export type { OAuthClaims, OAuthCredentials, OAuthOptions } from './types.ts'
