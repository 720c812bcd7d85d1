import { AuthError, isAuthError } from './errors.ts'
import type { Life } from './life.ts'
import { noop, within } from './limits.ts'
import type { Ports } from './ports.ts'
import { redact } from './redact.ts'
import { fromAnswer, idOf, isExpired, isHidden, otherPerson, type Session } from './session.ts'
import { isToken } from './stored.ts'
import type { Backend, BackendContext, SessionKind, SessionTokens, SignOutScope, TokenAnswer } from './types.ts'

/** How long (ms) a sign-out waits for the server. */
const REVOKE_LIMIT = 5_000

/** The way to the backend: every call has a time limit, ends with the engine, and fails with an {@link AuthError}. */
export interface Server {
  readonly backend: Backend
  /** `secrets`: what an error that comes of it must not quote. */
  readonly call: <T>(
    run: (context: BackendContext) => Promise<T>,
    secrets: readonly unknown[],
    ms?: number,
  ) => Promise<T>
  /**
   * Asks `getUser` of the backend, where there is one. An answer that shows that it was asked wrongly (a 404, nobody in it) is
   * told as a `diagnostic`.
   */
  readonly whoIs: (accessToken: string | null) => Promise<unknown>
  /** What a renewal has got. Where nothing in its answer tells whose it is, the server is asked: the cookie may be another person's. */
  readonly named: (next: Session, answer: TokenAnswer) => Promise<Session>
  /** Whether nothing but the user tells whose a session is: a cookie that scripts do not see holds it, and no token tells. */
  readonly isMute: (accessToken: string | null | undefined) => boolean
  /**
   * Reads a token answer. `previous`: the session that it renews, or the id and order of a new one.
   * @throws AuthError `invalid_response`
   */
  readonly accept: (answer: TokenAnswer, previous: Partial<Session> & Pick<Session, 'id' | 'order'>) => Session
  /**
   * Ends a session on the server, best effort. Resolves with whether that worked. `gone`: so it has, too, if the server says
   * that there is none.
   */
  readonly revoke: (
    tokens: SessionTokens & { readonly expiresAt?: number | null },
    scope?: SignOutScope,
    gone?: boolean,
  ) => Promise<boolean>
}

export function createServer(
  backend: Backend,
  kind: SessionKind,
  { clock, fetch, page, readToken }: Ports,
  timeout: number,
  life: Life,
  warn: (error: AuthError) => void,
): Server {
  const call: Server['call'] = (run, secrets, ms = timeout) => {
    const limit = new AbortController()
    const { signal } = limit
    const started = async () => {
      life.signal().throwIfAborted()
      return run({ signal, fetch, pageUrl: page?.href() ?? null, now: clock.now() })
    }
    const late = () => {
      throw new AuthError('unavailable', `The auth server did not answer within ${ms} ms.`)
    }
    return within(clock, started(), ms, late, life.signal())
      .catch((cause) => {
        throw isAuthError(cause)
          ? scrub(cause, secrets)
          : new AuthError('unavailable', 'The auth server could not be asked.', { cause })
      })
      .finally(() => limit.abort())
  }
  const server: Server = {
    backend,
    call,
    isMute: (accessToken) => isHidden(kind) && !(accessToken && readToken(accessToken).subject),
    async named(next, { accessToken, user }) {
      if (!accessToken || user || !backend.getUser || !server.isMute(accessToken)) return next
      const told = await server.whoIs(accessToken).catch(noop)
      if (!told) return next
      const subject = idOf(told) ?? next.subject
      return { ...next, user: told, subject, claims: otherPerson(next.subject, subject) ? null : next.claims }
    },
    whoIs: (accessToken) =>
      call(async (context) => backend.getUser?.(accessToken, context), [accessToken]).catch((error: AuthError) => {
        const { code, status = 500 } = error
        if (status < 500 && status !== 429 && code !== 'rejected') warn(error)
        throw error
      }),
    accept(answer, previous) {
      const token = answer?.accessToken
      if (kind.access === 'token' || token) checkToken(answer)
      const { refreshToken, expiresIn, expiresAt } = answer
      const times = [expiresIn, expiresAt].every((time) => time == null || Number.isFinite(time))
      if (!times || (refreshToken != null && typeof refreshToken !== 'string'))
        throw new AuthError('invalid_response', 'The refresh token must be a text, and its times numbers of seconds.')
      if (answer.problem) warn(answer.problem)
      const facts = token ? readToken(token) : { subject: null, issuedAt: null, expiresAt: null, claims: null }
      const next = fromAnswer(answer, facts, kind, clock.now(), previous)
      if (!next.expiresAt && (answer.expiresIn || answer.expiresAt || facts.expiresAt))
        warn(new AuthError('token_refused', 'The auth server handed out an access token that has expired.'))
      return next
    },
    revoke: ({ accessToken, refreshToken, expiresAt = null }, scope = 'local', gone = false) => {
      // A server that is shown a token that has run out answers 401, and ends nothing.
      const stale = isExpired({ usable: true, expiresAt } as Session, clock.now())
      const tokens = { accessToken: stale ? null : accessToken, refreshToken }
      const told = call((context) => backend.signOut(tokens, scope, context), [], REVOKE_LIMIT)
      return told.then(
        (told) => told !== false,
        (error) => gone && error.code === 'rejected',
      )
    },
  }
  return server
}

/** The access token of an answer. Throws if it has none that could be sent. */
export function checkToken(answer: TokenAnswer | null | undefined): string {
  const token: unknown = answer?.accessToken
  if (isToken(token)) return token
  const why = token ? 'with an access token that cannot stand in a header' : 'without an access token'
  throw new AuthError('invalid_response', `The auth server answered ${why}.`)
}

/** The error, without what it quotes of a secret. Servers, and other people's code, like to quote what they were given. */
export function scrub(error: AuthError, secrets: readonly unknown[]): AuthError {
  const { code, status, serverCode, retryAfter, answer } = error
  const message = redact(error.message, secrets)
  const named = redact(serverCode, secrets)
  if (message === error.message && named === serverCode) return error
  const words = message ?? 'The auth server answered in words that hold a secret.'
  return new AuthError(code, words, { status, serverCode: named, retryAfter, answer })
}
