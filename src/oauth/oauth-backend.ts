import {
  authorizationCodeGrantRequest,
  expectNoNonce,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  processRevocationResponse,
  processUserInfoResponse,
  refreshTokenGrantRequest,
  revocationRequest,
  skipStateCheck,
  skipSubjectCheck,
  type TokenEndpointResponse,
  userInfoRequest,
  validateAuthResponse,
} from 'oauth4webapi'
import { refreshFailure, signInFailure } from '../backends/failure.ts'
import { currentUrl } from '../browser/page.ts'
import { AuthError, misuse } from '../core/errors.ts'
import type { Backend, BackendContext, RequestProof, TokenAnswer } from '../core/types.ts'
import { refusalOf, tokensOf, userOf } from './answers.ts'
import { createBinding, withNonce } from './dpop.ts'
import { leave, leaveToSignIn } from './leave.ts'
import { createProvider } from './provider.ts'
import { findTrip, forgetTrip } from './trips.ts'
import type { OAuthClaims, OAuthCredentials, OAuthOptions } from './types.ts'

export interface OAuthBackend<User = OAuthClaims> extends Backend<User, OAuthCredentials> {
  /** With `dpop`: proves the key with each request. For `attachAuth` and `createAuthFetch`. Null without. */
  readonly proof: RequestProof | null
  /**
   * Ends the person's session at the provider, too (OpenID Connect RP-Initiated Logout): goes there, and back to `redirect`.
   * To be called after `auth.signOut()`. A tab that has been reloaded since the sign-in no longer has the ID token to show, so
   * there the provider may ask the person first. Never resolves: the page goes.
   * @throws AuthError `misconfigured` if the provider has no such endpoint.
   */
  endSession(options: { readonly redirect: string }): Promise<never>
}

const OPTIONS = /^(issuer|clientId|scope|params|user|toUser|dpop|metadata)$/

/**
 * Sign-in by redirect at an OAuth 2.1 or OpenID Connect provider: discovery, code with PKCE, refresh with rotation, revocation.
 * Needs `oauth4webapi`. Starts nothing before its first call.
 * @throws AuthError `misconfigured` for an unknown option, or an issuer or client id that cannot be.
 */
export function oauthBackend<User = OAuthClaims>(options: OAuthOptions<User>): OAuthBackend<User> {
  for (const name of Object.keys(options ?? {}))
    if (!OPTIONS.test(name)) misuse(`oauthBackend: there is no option '${name}'.`)
  const { issuer, clientId, scope = 'openid', user = 'id_token', dpop } = options ?? {}
  const provider = createProvider(options as OAuthOptions<never>)
  const { client, clientAuth } = provider
  const binding = dpop ? createBinding(`${issuer} ${clientId}`, client) : null
  const openid = /\bopenid\b/.test(scope)
  /** For `endSession`. In memory only: no storage that scripts can write holds a token of somebody who has signed out. */
  let idToken: string | undefined

  const bound = async () => (binding ? { DPoP: await binding.handle() } : {})
  const took = (found: TokenEndpointResponse): TokenAnswer<User> => {
    idToken = found.id_token ?? idToken
    const problem = binding?.problem()
    return { ...tokensOf(found, options), ...(problem && { problem }) }
  }
  const about = (...secrets: unknown[]) => ({ secrets, advice: 'Check issuer and clientId.' })

  /** Changes the code that the provider sent the person back with for tokens. */
  const comeBack = async (query: URLSearchParams, context: BackendContext): Promise<TokenAnswer<User>> => {
    const state = query.get('state') ?? ''
    const trip = findTrip(state, context.now)
    if (!trip)
      throw new AuthError(
        'invalid_response',
        'This tab began no such sign-in, or has finished it. Begin again: the address is used once.',
      )
    forgetTrip(state)
    const server = await provider.metadata(context)
    const refused = query.has('error')
    let checked: URLSearchParams
    try {
      // The trip was found by its state. A refusal is thrown as well.
      checked = validateAuthResponse(server, client, query, skipStateCheck)
    } catch (error) {
      const foreign = query.has('iss') && query.get('iss') !== server.issuer
      throw refused && !foreign ? refusalOf(query) : new AuthError('invalid_response', `${(error as Error).message}.`)
    }
    const { redirectUri, verifier, nonce } = trip
    const found = await provider.call(context, (server, call) =>
      withNonce(async () =>
        processAuthorizationCodeResponse(
          server,
          client,
          await authorizationCodeGrantRequest(server, client, clientAuth, checked, redirectUri, verifier, {
            ...call,
            ...(await bound()),
          } as never),
          openid ? { expectedNonce: nonce, requireIdToken: true } : { expectedNonce: expectNoNonce },
        ),
      ),
    )
    if (found.answer) throw signInFailure(found.answer, about(verifier, query.get('code')))
    return took(found.value)
  }

  return Object.freeze<OAuthBackend<User>>({
    baseUrl: issuer,
    proof: binding?.proof ?? null,
    async signIn(credentials, context) {
      if ('callback' in credentials) return comeBack(credentials.callback, context)
      if (typeof credentials.redirect !== 'string')
        misuse("signIn: say where to come back to, as in auth.signIn({ redirect: '/callback' }).")
      const given = options as OAuthOptions<never>
      return leaveToSignIn(credentials, context, given, provider, binding)
    },
    async refresh({ refreshToken, accessToken }, context) {
      const found = await provider.call(context, (server, call) =>
        withNonce(async () =>
          processRefreshTokenResponse(
            server,
            client,
            await refreshTokenGrantRequest(server, client, clientAuth, refreshToken ?? '', {
              ...call,
              ...(await bound()),
            } as never),
          ),
        ),
      )
      if (found.answer) return refreshFailure(found.answer, about(refreshToken, accessToken))
      return { type: 'renewed', answer: took(found.value) }
    },
    async signOut({ refreshToken, accessToken }, scope, context) {
      const { revocation_endpoint: endpoint } = await provider.metadata(context)
      const token = refreshToken ?? accessToken
      // RFC 7009 knows one token, not the sessions of a person.
      if (!endpoint || !token || scope === 'others') return false
      const told = await provider.call(
        context,
        async (server, call) =>
          processRevocationResponse(await revocationRequest(server, client, clientAuth, token, call as never)),
        true,
      )
      if (told.answer) throw refreshFailure(told.answer, about(token)).error
    },
    async getUser(accessToken, context) {
      const { userinfo_endpoint: endpoint } = await provider.metadata(context)
      if (!accessToken || !endpoint || (user !== 'userinfo' && !openid)) return null
      const found = await provider.call(context, (server, call) =>
        withNonce(async () => {
          const asked = await userInfoRequest(server, client, accessToken, { ...call, ...(await bound()) } as never)
          return processUserInfoResponse(server, client, skipSubjectCheck, asked)
        }),
      )
      if (found.answer) throw refreshFailure(found.answer, about(accessToken)).error
      return userOf(found.value, options)
    },
    async endSession({ redirect }) {
      const pageUrl = currentUrl()
      const limit = new AbortController()
      const context = { signal: limit.signal, fetch: globalThis.fetch, pageUrl, now: Date.now() }
      const { end_session_endpoint: endpoint } = await provider.metadata(context)
      if (!endpoint) misuse(`oauthBackend: ${issuer} has no end_session_endpoint.`)
      const address = new URL(endpoint)
      const query = {
        client_id: clientId,
        post_logout_redirect_uri: new URL(redirect, pageUrl).href,
        ...(idToken && { id_token_hint: idToken }),
      }
      for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
      idToken = undefined
      return leave(address)
    },
  })
}
