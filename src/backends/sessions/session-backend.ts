import { AuthError, misuse } from '../../core/errors.ts'
import { secretsOf } from '../../core/redact.ts'
import type { Backend, BackendContext, RefreshOutcome, SessionTokens, TokenAnswer } from '../../core/types.ts'
import { refreshFailure, signInFailure } from '../failure.ts'
import { type HttpAnswer, send } from '../http.ts'
import { judge } from '../judge.ts'
import type { Ask, SessionCall, SessionFacts, SessionPreset } from './preset.ts'

export interface SessionBackendOptions<User> {
  /**
   * Share of a session's life after which it is extended, above 0 and below 1. The earlier, the shorter may the pauses be
   * in which nobody uses the app. Default: 0.5.
   */
  readonly extendAfter?: number
  /** Makes the app's user from what the service tells of it. Default: as it came. */
  readonly toUser?: (user: unknown) => User
}

/**
 * A backend for sessions that are extended, not replaced: the id stays, its end moves. What the service says of an extension ends
 * nobody's session unless it is clear; in doubt the service is asked whether the session lives.
 * @throws AuthError `misconfigured` for an address or a share that makes no sense.
 * @example sessionBackend(sessionService({ baseUrl: 'https://sessions.example.com', signIn: '/api/login' }))
 */
export function sessionBackend<User = unknown, Credentials = unknown>(
  preset: SessionPreset<Credentials>,
  options: SessionBackendOptions<User> = {},
): Backend<User, Credentials> {
  const { kind, baseUrl } = preset
  const { extendAfter = preset.extendAfter === undefined ? 0.5 : preset.extendAfter, toUser } = options
  if (!/^(https?:\/\/|\/|$)/i.test(baseUrl))
    misuse(`sessionBackend: baseUrl '${baseUrl}' needs https:// or a / before it.`)
  if (extendAfter !== null && !(extendAfter > 0 && extendAfter < 1))
    misuse(
      `sessionBackend: extendAfter must be above 0 and below 1, not ${extendAfter}: a share of the session's life.`,
    )
  const hidden = kind.access === 'cookie'

  const asking =
    (context: BackendContext): Ask =>
    (method, url, { token, headers, body, keepalive } = {}) =>
      send(
        {
          method,
          url,
          headers: { ...(token && { Authorization: `Bearer ${token}` }), ...headers },
          body,
          credentials: hidden ? 'include' : undefined,
          keepalive,
        },
        context,
      )
  const read = (answer: HttpAnswer): SessionFacts | null => (answer.ok ? preset.read(answer) : null)

  const toAnswer = (answer: HttpAnswer, facts: SessionFacts, { now }: BackendContext): TokenAnswer<User> => {
    const { accessToken, refreshToken, expiresAt, user } = facts
    const serverNow = Date.parse(answer.headers.get('Date') ?? '') || now
    const expiresIn = expiresAt ? expiresAt - serverNow / 1000 : undefined
    const tokens = { accessToken, refreshToken, expiresIn }
    try {
      return { ...tokens, user: user ? ((toUser ? toUser(user) : user) as User) : null }
    } catch (cause) {
      return { ...tokens, problem: new AuthError('misconfigured', 'sessionBackend: toUser threw.', { cause }) }
    }
  }
  const failed = (answer: HttpAnswer, call: SessionCall, { accessToken, refreshToken }: SessionTokens) =>
    refreshFailure(answer, {
      secrets: [accessToken, refreshToken],
      verdict: preset.judge(answer, call),
      advice: 'Check baseUrl, and that it is a session service of this kind.',
    })
  /** What is said of the extension, not of the session. */
  const unclear = (answer: HttpAnswer) =>
    !read(answer)?.expiresAt && !preset.judge(answer, 'extend') && !/unavailable|conflict/.test(judge(answer))

  return Object.freeze<Backend<User, Credentials>>({
    kind,
    baseUrl,
    ...(extendAfter !== null && { renewAfter: extendAfter }),
    async signIn(credentials, context) {
      const answer = await preset.signIn(asking(context), credentials)
      const facts = read(answer)
      if (facts && (hidden || facts.accessToken)) return toAnswer(answer, facts, context)
      throw signInFailure(answer, {
        secrets: secretsOf(credentials),
        verdict: preset.judge(answer, 'signIn'),
        advice: 'Check the address of the sign-in, and that its answer holds a session.',
      })
    },
    async refresh(tokens, context): Promise<RefreshOutcome<User>> {
      const ask = asking(context)
      let call: SessionCall = 'extend'
      let answer = await preset.extend(ask, tokens)
      if (preset.check && unclear(answer) && !read(answer)?.accessToken) {
        call = 'check'
        answer = await preset.check(ask, tokens)
      }
      const facts = read(answer)
      const found = facts && toAnswer(answer, facts, context)
      if (found?.accessToken ? found.accessToken !== tokens.accessToken : found && hidden)
        return { type: 'renewed', answer: found as TokenAnswer<User> }
      if (typeof found?.expiresIn === 'number') return { type: 'extended', expiresIn: found.expiresIn }
      return failed(answer, call, tokens)
    },
    async signOut(tokens, scope, context) {
      const answer = await preset.end(asking(context), tokens, scope)
      if (!answer) return false
      if (answer.ok && !answer.page) return
      const outcome = failed(answer, 'end', tokens)
      // Else it was over already.
      if (outcome.type !== 'rejected' || outcome.doubt) throw outcome.error
    },
    async getUser(accessToken, context) {
      const tokens = { accessToken, refreshToken: null }
      const answer = await preset.check?.(asking(context), tokens)
      if (!answer) return null
      const facts = read(answer)
      if (!facts) throw failed(answer, 'check', tokens).error
      return toAnswer(answer, facts, context).user
    },
  })
}
