import { copyCookie } from '../browser/cookies.ts'
import { AuthError, misuse } from '../core/errors.ts'
import { secretsOf } from '../core/redact.ts'
import type { Backend, BackendContext, RefreshOutcome, SessionTokens, TokenAnswer } from '../core/types.ts'
import { readToken } from '../tokens/read-token.ts'
import { refreshFailure, signInFailure } from './failure.ts'
import { find } from './fields.ts'
import { type HttpAnswer, send } from './http.ts'
import { judge } from './judge.ts'
import type { PasswordCredentials, RestBackendOptions, RestCall } from './rest-types.ts'

const DAY = 86_400
const NOBODY: SessionTokens = { accessToken: null, refreshToken: null }

/** Own members only: a polluted prototype must not say where a token goes. */
const own = <T extends object>(value: T | undefined): T => ({ __proto__: null, ...value }) as T

/**
 * A backend of endpoints, called by raw `fetch`. Only a clear word of the server ends a session: `judge` in
 * `keyturn/backend` tells the rule.
 * @throws AuthError `misconfigured` when `baseUrl` is missing, or is neither a path nor an http(s) address.
 */
export function restBackend<User = unknown, Credentials = PasswordCredentials>(
  options: RestBackendOptions<User, Credentials>,
): Backend<User, Credentials> {
  const given = own(options)
  const { baseUrl, scheme = 'Bearer', headers, csrf, refused, words, toUser } = given
  const { kind = { access: 'token', refresh: 'token' } } = given
  if (typeof baseUrl !== 'string' || !/^(https?:\/\/|\/|$)/i.test(baseUrl))
    misuse(`restBackend: baseUrl '${baseUrl}' needs https:// or a / before it.`)
  const {
    signIn = '/auth/login',
    refresh = '/auth/refresh-token',
    signOut = '/auth/logout',
    user = '/auth/me',
  } = own(given.paths)
  const paths = { signIn, refresh, signOut, user }
  const fields = {
    accessToken: 'access_token',
    refreshToken: 'refresh_token',
    expiresIn: 'expires_in',
    expiresAt: 'expires_at',
    user: 'user',
    ...given.fields,
  }
  const bodies = own(given.bodies)
  const hidden = kind.access === 'cookie'
  const cookie = kind.refresh === 'cookie'
  const visible = kind.refresh === 'token'
  const credentials = given.credentials ?? (hidden || cookie ? 'include' : undefined)

  const call = async (
    name: RestCall,
    context: BackendContext,
    tokens: SessionTokens,
    body?: unknown,
    token?: string | null,
    keepalive?: boolean,
  ) => {
    const path = paths[name] ?? misuse(`restBackend: paths.${name} is null.`)
    const [, method = name === 'user' ? 'GET' : 'POST', below] =
      /^(?:(\w+) )?\/*(.*)/.exec(typeof path === 'function' ? path(tokens) : path) ?? []
    const answer = await send(
      {
        method,
        url: `${baseUrl.replace(/\/+$/, '')}/${below}`,
        headers: {
          ...(token && { Authorization: `${scheme} ${token}` }),
          ...(csrf && (await (csrf instanceof Function ? csrf() : copyCookie(csrf)))),
          ...(typeof headers === 'function' ? headers(name, tokens) : headers),
        },
        body: method === 'GET' ? undefined : body,
        credentials,
        keepalive,
      },
      context,
    )
    return words ? { ...answer, words: words(answer) } : answer
  }
  const makeUser = (value: unknown) => (value instanceof Object ? (toUser ? toUser(value) : (value as User)) : null)

  /** The tokens of an answer; null when it has none. */
  const readTokens = (answer: HttpAnswer, { now }: BackendContext): TokenAnswer<User> | null => {
    const get = (name: keyof typeof fields) => find(answer, fields[name])
    const text = (value: unknown) => (typeof value === 'string' ? value : null)
    if (!answer.ok || answer.page || refused?.(answer)) return null
    const accessToken = hidden ? null : text(get('accessToken'))
    // No token to look for: but what breaks off is no answer.
    const broken = typeof answer.body === 'string' && /^\s*[{[]/.test(answer.body)
    if (hidden ? answer.body === null || broken || judge(answer) !== 'hint' : !/^[!-~]+$/.test(accessToken ?? ''))
      return null
    const tokens = { accessToken, refreshToken: visible ? text(get('refreshToken')) : null }
    let problem: AuthError | undefined
    const warn = (message: string, cause?: unknown) => {
      problem = new AuthError('misconfigured', `restBackend: ${message}`, { cause })
    }
    // The tokens come first: what a function of the app throws costs none.
    try {
      const expiresIn = Number(get('expiresIn')) || null
      const expiresAt = Number(get('expiresAt')) || null
      const seconds = Math.round(Math.max(expiresIn ?? 0, (expiresAt ?? 0) - now / 1000))
      const { expiresAt: end, issuedAt: start } = readToken(accessToken ?? '')
      const own = end && start && end - start
      if (seconds > 400 * DAY || (own && seconds > own * 100)) {
        const name = expiresIn ? 'expiresIn' : 'expiresAt'
        warn(
          `${answer.call} told a life of ${seconds} s${own ? `, its token of ${own} s` : ''}. Tell fields.${name} in s.`,
        )
      }
      return { ...tokens, expiresIn, expiresAt, user: makeUser(get('user')), problem }
    } catch (cause) {
      warn('toUser or fields threw.', cause)
      return { ...tokens, problem }
    }
  }

  /** What is needed to tell what is wrong with an answer. */
  const about = (answer: HttpAnswer, name: RestCall, secrets: readonly unknown[]) => ({
    secrets,
    refused,
    cookie,
    advice: `Check ${answer.ok && !answer.page ? 'fields.accessToken' : `baseUrl and paths.${name}`}.`,
  })

  const renew = async (
    tokens: SessionTokens,
    context: BackendContext,
    keepalive?: boolean,
  ): Promise<RefreshOutcome<User>> => {
    const { refreshToken, accessToken } = tokens
    const body = bodies.refresh
      ? bodies.refresh(refreshToken ?? '', tokens)
      : visible
        ? { refresh_token: refreshToken }
        : undefined
    const answer = await call(
      'refresh',
      context,
      tokens,
      body,
      kind.refresh === 'access' ? accessToken : null,
      keepalive,
    )
    const found = readTokens(answer, context)
    if (!found) return refreshFailure(answer, about(answer, 'refresh', [refreshToken, accessToken]))
    const expiresIn = found.expiresIn ?? (found.expiresAt ?? 0) - context.now / 1000
    // Within one second a server may hand out the same access token once more. A new refresh token counts all the same.
    const rotated = !!found.refreshToken && found.refreshToken !== refreshToken
    return accessToken && found.accessToken === accessToken && !rotated && expiresIn > 0
      ? { type: 'extended', expiresIn }
      : { type: 'renewed', answer: found }
  }

  return Object.freeze<Backend<User, Credentials>>({
    kind,
    baseUrl,
    async signIn(input, context) {
      const body = bodies.signIn ? bodies.signIn(input) : input
      const answer = await call('signIn', context, NOBODY, body)
      const found = readTokens(answer, context)
      if (found) return found
      // Some servers set the cookie alone, and hand out the first access token at the first refresh. Without a user, as where a
      // second factor is missing, the cookie may still be somebody else's.
      if (cookie && answer.ok && !refused?.(answer) && find(answer, fields.user) instanceof Object) {
        const outcome = await renew(NOBODY, context)
        if (outcome.type === 'renewed') return outcome.answer
      }
      throw signInFailure(answer, about(answer, 'signIn', secretsOf(input)))
    },
    refresh: (tokens, context) => renew(tokens, context),
    async signOut(tokens, scope, context) {
      if (!signOut) return false
      const end = (tokens: SessionTokens) => {
        const { refreshToken, accessToken } = tokens
        const body = bodies.signOut
          ? bodies.signOut(refreshToken, scope, tokens)
          : { refresh_token: visible ? refreshToken : undefined, scope }
        // A form brings its own credentials (RFC 7009 section 2.1), and some servers refuse two kinds.
        const bearer = body instanceof URLSearchParams ? null : accessToken
        return call('signOut', context, tokens, body, bearer, true)
      }
      let answer = await end(tokens)
      // An access token that has run out ends nothing. A session that goes on must not lose its refresh token to this.
      if (answer.status === 401 && scope !== 'others' && refresh) {
        const outcome = await renew(tokens, context, true)
        if (outcome.type === 'renewed') {
          const { accessToken = null, refreshToken } = outcome.answer
          answer = await end({ accessToken, refreshToken: refreshToken ?? tokens.refreshToken })
        }
      }
      // A page that nothing has led to is a hotel's, or a proxy's: the server has not heard.
      if (!answer.ok || (answer.page && !answer.redirected))
        throw refreshFailure(answer, about(answer, 'signOut', [tokens.refreshToken, tokens.accessToken])).error
    },
    async getUser(accessToken, context) {
      if (!user) return null
      const answer = await call('user', context, { accessToken, refreshToken: null }, undefined, accessToken)
      if (!answer.ok || answer.page || refused?.(answer))
        throw refreshFailure(answer, about(answer, 'user', [accessToken])).error
      if (answer.body instanceof Object) return makeUser(answer.body)
      const text = `${answer.call} answered ${answer.status} without a user. Check paths.user.`
      throw new AuthError('invalid_response', text, { status: answer.status })
    },
  })
}
