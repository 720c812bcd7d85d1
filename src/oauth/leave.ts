import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'
import { leaveFor, onReturn } from '../browser/leaving.ts'
import { AuthError, misuse } from '../core/errors.ts'
import type { BackendContext } from '../core/types.ts'
import type { Binding } from './dpop.ts'
import type { Provider } from './provider.ts'
import { rememberTrip } from './trips.ts'
import type { OAuthCredentials, OAuthOptions } from './types.ts'

/** Never resolves: the page goes. Rejects if it is shown again as it was left. */
function untilReturn(): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    onReturn(() => reject(new AuthError('interaction_required', 'The person came back without having signed in.')))
  })
  // Whoever left need not listen.
  promise.catch(() => {})
  return promise
}

/** Goes to an address of the provider. Never resolves. */
export function leave(address: URL): Promise<never> {
  const back = untilReturn()
  leaveFor(address.href)
  return back
}

/**
 * Goes to the provider with a request for authorization: code with PKCE (RFC 7636), `state` and `nonce`, all of them used once.
 * @throws AuthError `misconfigured` where there is no page, or the provider has no such endpoint; `storage_failed` where the
 * tab keeps nothing.
 */
export async function leaveToSignIn(
  { redirect, returnTo = '/', params }: Extract<OAuthCredentials, { redirect: string }>,
  context: BackendContext,
  { scope = 'openid', ...options }: OAuthOptions<never>,
  provider: Provider,
  binding: Binding | null,
): Promise<{ readonly leaving: Promise<never> }> {
  const { pageUrl, now } = context
  if (!pageUrl) misuse('oauthBackend: a sign-in by redirect needs a page.')
  const server = await provider.metadata(context)
  const { authorization_endpoint: endpoint, code_challenge_methods_supported: methods } = server
  if (!endpoint) misuse(`oauthBackend: ${options.issuer} has no authorization_endpoint.`)
  // OAuth 2.1 section 7.5.2: who sends no challenge can be made to use somebody else's code.
  if (methods && !methods.includes('S256')) misuse(`oauthBackend: ${options.issuer} knows no PKCE with S256.`)
  const state = generateRandomState()
  const verifier = generateRandomCodeVerifier()
  const nonce = generateRandomNonce()
  const redirectUri = new URL(redirect, pageUrl).href
  const address = new URL(endpoint)
  const query = {
    ...options.params,
    ...params,
    client_id: options.clientId,
    response_type: 'code',
    scope,
    redirect_uri: redirectUri,
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(/\bopenid\b/.test(scope) && { nonce }),
    ...(binding && { dpop_jkt: await (await binding.handle()).calculateThumbprint() }),
  }
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  if (!rememberTrip(state, { verifier, nonce, redirectUri, returnTo, at: now }))
    throw new AuthError('storage_failed', 'The tab keeps nothing (sessionStorage): nobody could come back.')
  return { leaving: leave(address) }
}
