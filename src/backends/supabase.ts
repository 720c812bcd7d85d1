import { AuthError, type AuthErrorCode } from '../core/errors.ts'
import { secretsOf } from '../core/redact.ts'
import type { Backend, BackendContext, TokenAnswer } from '../core/types.ts'
import { refreshFailure, signInFailure } from './failure.ts'
import { type HttpAnswer, type HttpRequest, send } from './http.ts'
import { judge, type Verdict } from './judge.ts'
import { checkKey, checkUrl } from './supabase-project.ts'
import type { SupabaseBackendOptions, SupabaseCredentials, SupabaseUser } from './supabase-types.ts'

/**
 * The codes that end a session for good; whatever is not among them keeps it. `invalid_grant` is how servers before
 * v2.164.0 say all of them (RFC 6749 section 5.2).
 */
const FINAL =
  /\b(refresh_token_(not_found|already_used)|session_(not_found|expired)|user_banned|validation_failed|invalid_grant)\b/

/** All that credentials can have, whichever they are. */
interface Given {
  readonly email?: string
  readonly phone?: string
  readonly password?: string
  readonly data?: unknown
  readonly captchaToken?: string | undefined
}

/**
 * Speaks to Supabase Auth, without supabase-js. Signs in with a password or anonymously, and signs up; see
 * {@link SupabaseCredentials}. Not for social logins, magic links, one-time codes or second factors.
 *
 * A refresh is final only when the server says so by a code that is known to mean it. Rate limits, conflicts, time-outs,
 * 5xx, HTML and unknown codes keep the session.
 *
 * A sign-up or sign-in that waits for a confirmation fails with `interaction_required` and the `serverCode`
 * `email_not_confirmed` or `phone_not_confirmed`; after a sign-up the error's `cause` is the new user.
 * @throws AuthError `misconfigured` when `url` or `anonKey` is missing or wrong, or the key is a secret one.
 */
export function supabaseBackend<User = SupabaseUser>(
  options: SupabaseBackendOptions<User>,
): Backend<User, SupabaseCredentials> {
  const { url, anonKey, toUser } = options ?? {}
  const base = `${checkUrl('supabaseBackend', url)}/auth/v1`
  checkKey(anonKey)

  const call = (
    context: BackendContext,
    path: string,
    body?: unknown,
    token?: string | null,
    more: Partial<HttpRequest> = {},
  ) => {
    const headers = {
      apikey: anonKey,
      Authorization: `Bearer ${token ?? anonKey}`,
      'X-Supabase-Api-Version': '2024-01-01',
    }
    return send({ method: 'POST', url: base + path, headers, body, option: 'url', ...more }, context)
  }
  const renew = (context: BackendContext, refreshToken: string | null, more?: Partial<HttpRequest>) =>
    call(context, '/token?grant_type=refresh_token', { refresh_token: refreshToken }, null, more)

  const readUser = (user: unknown) =>
    user instanceof Object ? (toUser ? toUser(user as SupabaseUser) : (user as User)) : null

  /** The tokens of an answer; null when it has none. */
  const readTokens = ({ ok, json }: HttpAnswer): TokenAnswer<User> | null => {
    const { access_token: accessToken, refresh_token: refreshToken } = json
    if (!ok || typeof accessToken !== 'string' || !/^[!-~]+$/.test(accessToken)) return null
    return {
      accessToken,
      refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
      expiresIn: Number(json.expires_in) || null,
      expiresAt: Number(json.expires_at) || null,
      user: readUser(json.user),
    }
  }

  /** Whether the server says that the session is over. Unlike other servers, this one says so only by its codes. */
  const verdictOn = (answer: HttpAnswer): Verdict => {
    const { json } = answer
    const verdict = judge(answer)
    if (!['hint', 'doubt', 'rejected'].includes(verdict)) return verdict
    if (FINAL.test(`${json.error_code} ${json.code} ${json.error}`)) return 'rejected'
    return verdict === 'hint' ? verdict : 'unavailable'
  }
  const about = (...secrets: unknown[]) => ({ secrets: [anonKey, ...secrets], advice: 'Check url.' })

  const signOut: Backend['signOut'] = async ({ refreshToken, accessToken }, scope, context) => {
    const more = { keepalive: true }
    let answer = await call(context, `/logout?scope=${scope}`, undefined, accessToken, more)
    // An access token that has run out ends nothing. A session that goes on must not lose its refresh token to this.
    if ([401, 403].includes(answer.status) && refreshToken && scope !== 'others') {
      answer = await renew(context, refreshToken, more)
      const tokens = readTokens(answer)
      if (tokens) return signOut({ accessToken: tokens.accessToken ?? null, refreshToken: null }, scope, context)
      // There is nothing left to end.
      if (scope === 'local' && verdictOn(answer) === 'rejected') return
    }
    if (!answer.ok || answer.page) throw refreshFailure(answer, about(refreshToken, accessToken)).error
  }

  return Object.freeze<Backend<User, SupabaseCredentials>>({
    async signIn(credentials, context) {
      const { signUp, anonymous } = credentials
      const { email, phone, password, data, captchaToken }: Given = signUp ?? (credentials as Given)
      // With neither, the server would take a sign-up for an anonymous sign-in.
      if (!email && !phone && !anonymous)
        throw new AuthError('credentials_rejected', 'There is no e-mail address or phone number.')
      const answer = await call(context, signUp || anonymous ? '/signup' : '/token?grant_type=password', {
        ...(anonymous ? null : { email, phone, password }),
        data,
        gotrue_meta_security: { captcha_token: captchaToken },
      })
      const tokens = readTokens(answer)
      if (tokens) return tokens
      const { ok, status, json } = answer
      if (ok && json.id)
        throw new AuthError('interaction_required', 'Signed up. Confirm the address or number, then sign in.', {
          status,
          serverCode: `${email ? 'email' : 'phone'}_not_confirmed`,
          cause: readUser(json),
        })
      let refused: AuthErrorCode = 'credentials_rejected'
      // Only a gateway says 401 here: it does not know the key.
      if (status === 401) refused = 'misconfigured'
      if (/not.confirmed/i.test(JSON.stringify(json))) refused = 'interaction_required'
      throw signInFailure(answer, about(...secretsOf(credentials)), refused)
    },
    async refresh({ refreshToken, accessToken }, context) {
      const answer = await renew(context, refreshToken as string)
      const tokens = readTokens(answer)
      if (tokens) return { type: 'renewed', answer: tokens }
      return refreshFailure(answer, { ...about(refreshToken, accessToken), verdict: verdictOn(answer) })
    },
    signOut,
    async getUser(accessToken, context) {
      const answer = await call(context, '/user', undefined, accessToken, { method: 'GET' })
      if (!answer.ok) throw refreshFailure(answer, about(accessToken)).error
      return readUser(answer.json)
    },
  })
}
