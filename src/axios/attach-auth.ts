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
import { AuthError, isAuthError, misuse } from '../core/errors.ts'
import type { Auth, Reply, Sending } from '../core/types.ts'
import { isAmong, type RequestOptions, readOptions } from '../requests/options.ts'
import { ownIn } from '../requests/own.ts'
import { reportBare } from '../requests/report-bare.ts'

declare module 'axios' {
  // biome-ignore lint/suspicious/noExplicitAny: the type parameter must be the one axios declares
  interface AxiosRequestConfig<D = any> {
    /** Send this request without a token, without waiting for one, and hand its 401 to the caller. */
    skipAuth?: boolean
    /**
     * For whom this request was first sent; set by the kit, and no secret. Whoever sends the request again, with the config
     * of its response or error, sends it for the same person, or it fails with `session_changed`. Delete it to send the
     * request for whoever is signed in now.
     */
    authIdentity?: string
  }
}

/** As {@link RequestOptions}; `origins`: by default that of the instance's `baseURL`, and the page's own. */
export type AttachAuthOptions = RequestOptions<AxiosResponse>

interface AxiosReply extends Reply {
  readonly response: AxiosResponse
  /** Set where `validateStatus` did not accept the answer. */
  readonly failure: AxiosError | null
}

const ATTACHED = Symbol.for('keyturn.attached')
const ORIGINAL = Symbol.for('keyturn.adapter')

type Adapter = InternalAxiosRequestConfig['adapter']
type Wrapped = AxiosAdapter & { [ORIGINAL]?: Adapter }
type Engine = Pick<Auth, 'exchange' | 'getState' | 'report'>

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
 *
 * An instance has one session. Attaching it again, after a hot reload for instance, replaces the first, and a
 * `diagnostic` tells.
 * @returns a function that detaches.
 * @throws AuthError `misconfigured` when an option is not known, or an origin is not one.
 */
export function attachAuth(instance: AxiosInstance, auth: Engine, options?: AttachAuthOptions): () => void {
  const name = 'attachAuth'
  if (!instance?.interceptors) misuse(`${name}: the first argument must be an axios instance.`)
  if (!auth?.exchange) misuse(`${name}: the second argument must be what createAuth() returned.`)
  const { header, credentials, bearer, csrf, expired, statuses, proof, whose, origins } = readOptions(name, options)
  const host = instance as AxiosInstance & { [ATTACHED]?: Attached | undefined }
  // Without defaults, which would be merged each time; those of the instance are in each request's config already.
  const resolver = new Axios({})

  // Asked once for each `fetch`: axios looks at the whole platform each time.
  let known: { readonly fetch: unknown; readonly adapter: AxiosAdapter } | undefined
  const isFetch = (adapter: AxiosAdapter): boolean => {
    const { fetch } = globalThis
    if (known?.fetch !== fetch) known = { fetch, adapter: getAdapter('fetch') }
    return known?.adapter === adapter
  }

  const wrap = (original: Adapter, held: InternalAxiosRequestConfig): Wrapped => {
    const adapter: Wrapped = (config) => request(config, original, held)
    adapter[ORIGINAL] = original
    return adapter
  }

  const request = async (config: InternalAxiosRequestConfig, original: Adapter, held: InternalAxiosRequestConfig) => {
    // The request as the app knows it, with the adapter it chose; what is sent, with the token, is another object.
    config.adapter = original as AxiosAdapter
    const mine = ownIn(config)
    const [data, timeout, cancelToken] = [mine('data'), mine('timeout'), mine('cancelToken')]
    // Node keeps in a stream where it was piped to.
    if (data?.pipe) conceal(config, 'data')
    const cancelled = cancelToken?.toAbortSignal()
    const signals = [config.signal, cancelled].filter((signal) => !!signal) as AbortSignal[]
    const signal = signals[1] ? AbortSignal.any(signals) : signals[0]
    const skip = mine('skipAuth') || !!mine('auth') || (!!header && config.headers.has(header))

    const repeatable = !(data?.pipe || data?.getReader || data?.[Symbol.asyncIterator])
    const send = async (sending: Sending, again = false): Promise<AxiosReply> => {
      const { token, allowed, timeout } = sending
      const trusted = allowed && !skip
      const forgery = trusted && csrf instanceof Function ? await csrf() : null
      const proven = trusted && token && proof
      const method = (config.method ?? 'get').toUpperCase()
      const carried = proven ? await proven.sign(token, method, sending.url) : bearer(token)
      const headers = config.headers.concat(carried, forgery)
      const sent = { ...config, data, headers, timeout } as InternalAxiosRequestConfig
      if (trusted && csrf && 'cookie' in csrf)
        Object.assign(sent, { xsrfCookieName: csrf.cookie, xsrfHeaderName: csrf.header, withXSRFToken: true })
      if (trusted && credentials === 'include') sent.withCredentials ??= true
      // The fetch adapter wants the config as well, for its `env`.
      const adapter = getAdapter(original, sent)
      // Those of axios resolve an address when they send, which may be later than it was checked. Those of others,
      // such as a mocking library's, look for the address as the app wrote it.
      if (
        !(adapter === original || (Array.isArray(original) && original.includes(adapter))) ||
        isFetch(adapter) ||
        'adapterName' in adapter
      )
        Object.assign(sent, { url: sending.url, baseURL: undefined })
      let response: AxiosResponse
      let failure: AxiosError | null = null
      try {
        response = await adapter(sent)
      } catch (error) {
        if (!(error instanceof Object)) throw error
        failure = error as AxiosError
        if ('config' in failure) failure.config = config
        conceal(failure, 'request')
        if (!failure.response) throw failure
        response = failure.response
      }
      response.config = config
      conceal(response, 'request')
      if (failure && response.data?.pipe) conceal(response, 'data')
      const { status } = response
      const header = (name: string) => response.headers?.[name.toLowerCase()] ?? null
      const more = proven && (await proven.learn(sending.url, status, header))
      if (more && !again && repeatable) return send(sending, true)
      if (!allowed && !skip) reportBare(auth, status, sending.url)
      const challenge = header('www-authenticate')
      const own = trusted ? whose?.(response, auth.getState().user) : undefined
      const said = trusted && expired ? await expired(response) : undefined
      return {
        response,
        failure,
        status,
        challenge,
        own,
        url: response.request?.responseURL ?? response.request?.res?.responseUrl,
        expired: trusted ? (said ?? isAmong(statuses, status, challenge)) : undefined,
      }
    }

    try {
      const { reply, error } = await auth.exchange<AxiosReply>({
        url: resolver.getUri({
          url: mine('url') ?? '',
          baseURL: mine('baseURL'),
          allowAbsoluteUrls: mine('allowAbsoluteUrls'),
        } as AxiosRequestConfig),
        origins: origins ?? [ownIn(instance.defaults)('baseURL') ?? '', ''],
        skip,
        repeatable,
        signal,
        timeout,
        identity: mine('authIdentity'),
        began(identity) {
          // Wherever somebody may have got hold of the request, to send it again.
          for (const each of [held, config]) each.authIdentity = identity
        },
        send: (sending) => send(sending),
        // A promise only from `cancel`; the connection may have broken meanwhile.
        discard: ({ response: { data } }) => void (data?.destroy ?? data?.cancel)?.call(data)?.catch?.(() => {}),
      })
      if (!reply.failure) return reply.response
      if (error) reply.failure.cause = error
      throw reply.failure
    } catch (error) {
      if (!isAuthError(error)) {
        throw signal?.aborted && !(error instanceof AxiosError) ? new CanceledError(undefined, config) : error
      }
      const late = error.code === 'timeout'
      const failure = new AxiosError(
        (late && config.timeoutErrorMessage) || error.message,
        late
          ? config.transitional?.clarifyTimeoutError
            ? AxiosError.ETIMEDOUT
            : AxiosError.ECONNABORTED
          : `ERR_AUTH_${error.code.toUpperCase()}`,
        config,
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
      config.adapter = wrap((adapter as Wrapped | undefined)?.[ORIGINAL] ?? adapter, config)
      return config
    },
    null,
    { synchronous: true },
  )
  const before = host[ATTACHED]
  if (before) {
    const error = new AuthError('misconfigured', `${name}: this session replaces the one that the instance had.`)
    for (const each of new Set([before.auth, auth])) each?.report(error)
    before.detach?.()
  }
  const detach = () => {
    instance.interceptors.request.eject(id)
    if (host[ATTACHED] === attached) host[ATTACHED] = undefined
  }
  const attached = { auth, detach }
  host[ATTACHED] = attached
  return detach
}

/** What an instance has of the last `attachAuth`; that of another copy of the kit may have less. */
interface Attached {
  readonly auth?: Engine
  readonly detach?: () => void
}

/** Takes what shows the headers as sent, in Node, out of what `console.log` and serialisers walk. */
function conceal(holder: object, key: 'request' | 'data') {
  if ((holder as Record<string, unknown>)[key]) Reflect.defineProperty(holder, key, { enumerable: false })
}
