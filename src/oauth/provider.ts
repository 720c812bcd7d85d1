import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  customFetch,
  discoveryRequest,
  None,
  processDiscoveryResponse,
} from 'oauth4webapi'
import { type HttpAnswer, send } from '../backends/http.ts'
import { AuthError, isAuthError, misuse } from '../core/errors.ts'
import type { BackendContext } from '../core/types.ts'
import type { OAuthOptions } from './types.ts'

/** What `oauth4webapi` takes with each request. */
export interface CallOptions {
  readonly [customFetch]: (
    url: string,
    init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: unknown },
  ) => Promise<Response>
  readonly [allowInsecureRequests]: boolean
}

/** How a call ended: with what it gave; or with an answer that is no success, which nobody has judged yet. */
export type Called<T> = { readonly value: T; readonly answer?: undefined } | { readonly answer: HttpAnswer }

export interface Provider {
  readonly client: Client
  readonly clientAuth: ReturnType<typeof None>
  /** What is known of the provider, asked for once. */
  metadata(context: BackendContext): Promise<AuthorizationServer>
  /**
   * One call: `run` gets what `oauth4webapi` needs.
   * @throws AuthError `unavailable` when no answer came; `invalid_response` for one that breaks the rules.
   */
  call<T>(
    context: BackendContext,
    run: (server: AuthorizationServer, options: CallOptions) => Promise<T>,
    keepalive?: boolean,
  ): Promise<Called<T>>
}

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** Whether plain http is to be allowed: on this machine, while developing. */
export const isLocal = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && LOCAL.test(hostname)

export function createProvider({ issuer, clientId, metadata }: OAuthOptions<never>): Provider {
  if (typeof issuer !== 'string' || !URL.canParse(issuer))
    misuse(`oauthBackend: issuer '${issuer}' must be a full address, such as https://id.example.com.`)
  if (!clientId || typeof clientId !== 'string') misuse('oauthBackend: clientId is missing.')
  const address = new URL(issuer)
  const insecure = isLocal(address)
  if (address.protocol !== 'https:' && !insecure) misuse(`oauthBackend: issuer '${issuer}' must be https.`)
  const client = { client_id: clientId, token_endpoint_auth_method: 'none' }
  let known: Promise<AuthorizationServer> | null = metadata ? Promise.resolve({ ...metadata, issuer }) : null

  /** Runs something over `send`, and keeps the last answer, which `oauth4webapi`'s errors do not tell whole. */
  const over = async <T>(
    context: BackendContext,
    run: (options: CallOptions) => Promise<T>,
    keepalive = false,
  ): Promise<Called<T>> => {
    let last: HttpAnswer | undefined
    const options: CallOptions = {
      [allowInsecureRequests]: insecure,
      async [customFetch](url, { method, headers, body }) {
        last = await send({ method, url, headers, body: body ?? undefined, keepalive }, context)
        const { status, headers: received, body: read } = last
        // It takes a response to read; a redirect that was not followed has no status of its own.
        const text = typeof read === 'string' ? read : JSON.stringify(read)
        const empty = status === 204 || status === 304
        return new Response(empty ? null : text, { status: status < 200 ? 502 : status, headers: received })
      },
    }
    try {
      return { value: await run(options) }
    } catch (error) {
      if (isAuthError(error)) throw error
      if (last && !last.ok) return { answer: last }
      // Not as a cause: these errors hold parameters, and with them codes and tokens.
      const { message } = error as Error
      throw new AuthError('invalid_response', `${last?.call ?? issuer}: ${message}.`)
    }
  }

  const discover = async (context: BackendContext): Promise<AuthorizationServer> => {
    const found = await over(context, async (options) =>
      processDiscoveryResponse(address, await discoveryRequest(address, options as never)),
    )
    if (!found.answer) return found.value
    const { call, status } = found.answer
    const code = status >= 500 ? 'unavailable' : 'misconfigured'
    throw new AuthError(code, `${call} answered ${status}. Check issuer, or give metadata.`, { status })
  }
  const load = (context: BackendContext) => {
    known ??= discover(context).catch((error) => {
      known = null
      throw error
    })
    return known
  }
  return {
    client,
    clientAuth: None(),
    metadata: load,
    async call(context, run, keepalive) {
      const server = await load(context)
      return over(context, (options) => run(server, options), keepalive)
    },
  }
}
