import {
  Axios,
  type AxiosAdapter,
  AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  CanceledError,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios'
import { type AuthError, isAuthError, misuse } from '../core/errors.ts'
import { checkOrigins } from '../core/origins.ts'
import type { Auth, Reply, Sending } from '../core/types.ts'

declare module 'axios' {
  // biome-ignore lint/suspicious/noExplicitAny: the type parameter must be the one axios declares
  interface AxiosRequestConfig<D = any> {
    /** Send this request without a token, without waiting for one, and hand its 401 to the caller. */
    skipAuth?: boolean
    /** For whom the request was first sent. Set by the kit; holds no secret. */
    authIdentity?: string
  }
}

export interface AttachAuthOptions {
  /**
   * The origins (scheme, host and port) that may see the access token. Default: that of the instance's `baseURL`, and
   * the page's own.
   * @example ['https://api.example.com']
   */
  readonly origins?: readonly string[]
}

interface AxiosReply extends Reply {
  readonly response: AxiosResponse
  /** Set where `validateStatus` did not accept the answer. */
  readonly failure: AxiosError | null
}

const ATTACHED = Symbol.for('keyturn.attached')
const ORIGINAL = Symbol.for('keyturn.adapter')

type Wrapped = AxiosAdapter & { [ORIGINAL]?: InternalAxiosRequestConfig['adapter'] }

/**
 * Puts the session on every request of an axios instance: attaches the access token, waits for one that is being
 * renewed, and answers a 401 by one shared refresh and one repeat of the request.
 *
 * It works below the interceptors, in the place of the adapter: the app's request interceptors and transforms run once,
 * what is repeated is what was sent, and response interceptors see one final answer, whichever was registered first.
 *
 * It does not attach anything to a request that carries its own `Authorization`, has `skipAuth: true`, or goes to an
 * origin that is not allowed; nor does it repeat a body that can be sent only once (a stream).
 *
 * A request that cannot get a token fails with an `AxiosError` whose `code` is `ERR_AUTH_` and the code of its `cause`,
 * an {@link AuthError}. One that got a 401 keeps it, with the cause attached. Neither shows the token.
 * @returns a function that detaches.
 * @throws AuthError `misconfigured` when the instance has one already, or an origin is not one.
 */
export function attachAuth(
  instance: AxiosInstance,
  auth: Pick<Auth, 'exchange'>,
  options: AttachAuthOptions = {},
): () => void {
  if (!instance?.interceptors)
    misuse('attachAuth: the first argument must be an axios instance, as axios.create() makes it.')
  if (!auth?.exchange) misuse('attachAuth: the second argument must be what createAuth() returned.')
  const host = instance as AxiosInstance & { [ATTACHED]?: boolean }
  if (host[ATTACHED])
    misuse('attachAuth: this instance is attached already; call the function that the first call returned.')
  const given = options.origins && checkOrigins('attachAuth', options.origins)
  host[ATTACHED] = true
  // Without defaults, which would be merged each time; those of the instance are in each request's config already.
  const resolver = new Axios({})

  const wrap = (original: InternalAxiosRequestConfig['adapter']): Wrapped => {
    const adapter: Wrapped = (config) => request(config, original)
    adapter[ORIGINAL] = original
    return adapter
  }

  const request = async (config: InternalAxiosRequestConfig, original: InternalAxiosRequestConfig['adapter']) => {
    /** The request as the app knows it: with the adapter it chose and without the token. */
    const shown = { ...config, adapter: original } as InternalAxiosRequestConfig
    const { url = '', baseURL, allowAbsoluteUrls, data, timeout, cancelToken } = config
    // Node keeps in a stream where it was piped to.
    if (data?.pipe) for (const holder of [config, shown]) conceal(holder, 'data')
    const cancelled = cancelToken?.toAbortSignal()
    const signals = [config.signal, cancelled].filter((signal) => !!signal) as AbortSignal[]
    const signal = signals[1] ? AbortSignal.any(signals) : signals[0]

    const send = ({ token, timeout: left }: Sending): Promise<AxiosReply> => {
      const headers = config.headers.concat(token ? { Authorization: `Bearer ${token}` } : null)
      const sent = { ...shown, data, headers, timeout: left as number }
      // The fetch adapter wants the config as well, for its `env`.
      const adapter = getAdapter(original, sent)
      return adapter(sent).then(
        (response) => reply(response, null),
        (failure) => {
          if (!(failure instanceof Object)) throw failure
          if ('config' in failure) failure.config = shown
          conceal(failure, 'request')
          if (!failure.response) throw failure
          return reply(failure.response, failure)
        },
      )
    }
    const reply = (response: AxiosResponse, failure: AxiosError | null): AxiosReply => {
      response.config = shown
      conceal(response, 'request')
      if (failure && response.data?.pipe) conceal(response, 'data')
      return {
        response,
        failure,
        status: response.status,
        challenge: response.headers?.['www-authenticate'],
        url: response.request?.responseURL ?? response.request?.res?.responseUrl,
      }
    }

    try {
      const { reply, error } = await auth.exchange<AxiosReply>({
        url: resolver.getUri({ url, baseURL, allowAbsoluteUrls } as AxiosRequestConfig),
        origins: given ?? [instance.defaults.baseURL ?? '', ''],
        skip: config.skipAuth || !!config.auth || config.headers.has('Authorization'),
        repeatable: !(data?.pipe || data?.getReader || data?.[Symbol.asyncIterator]),
        signal,
        timeout,
        identity: config.authIdentity,
        began(identity) {
          for (const holder of [config, shown]) holder.authIdentity = identity
        },
        send,
        // A promise only from `cancel`; the connection may have broken meanwhile.
        discard: ({ response: { data } }) => void (data?.destroy ?? data?.cancel)?.call(data)?.catch?.(() => {}),
      })
      if (!reply.failure) return reply.response
      if (error) reply.failure.cause = error
      throw reply.failure
    } catch (error) {
      if (!isAuthError(error)) {
        throw signal?.aborted && !(error instanceof AxiosError) ? new CanceledError(undefined, shown) : error
      }
      const late = error.code === 'timeout'
      const failure = new AxiosError(
        (late && config.timeoutErrorMessage) || error.message,
        late
          ? config.transitional?.clarifyTimeoutError
            ? AxiosError.ETIMEDOUT
            : AxiosError.ECONNABORTED
          : `ERR_AUTH_${error.code.toUpperCase()}`,
        shown,
      )
      failure.cause = error
      throw failure
    } finally {
      ;(cancelled as { unsubscribe?: () => void } | undefined)?.unsubscribe?.()
    }
  }

  // Synchronous, so that instances without other interceptors keep sending in the same tick.
  const id = instance.interceptors.request.use(
    (config) => {
      const { adapter } = config
      config.adapter = wrap((adapter as Wrapped | undefined)?.[ORIGINAL] ?? adapter)
      return config
    },
    null,
    { synchronous: true },
  )
  return () => {
    instance.interceptors.request.eject(id)
    host[ATTACHED] = false
  }
}

/** Takes what shows the headers as sent, in Node, out of what `console.log` and serialisers walk. */
function conceal(holder: object, key: 'request' | 'data') {
  if ((holder as Record<string, unknown>)[key]) Reflect.defineProperty(holder, key, { enumerable: false })
}
