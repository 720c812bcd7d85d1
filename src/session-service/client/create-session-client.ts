import { type Clock, systemClock } from '../contract/clock.ts'
import { misconfigured } from '../contract/errors.ts'
import type { Metadata, UserId } from '../contract/session.ts'
import { type Meaning, metadataIn, readAnswer, secondsIn, textIn, unreachable, userIn } from './answers.ts'
import { type CacheOptions, createValidationCache } from './validation-cache.ts'

export interface SessionClientOptions {
  /** Where the service is, such as `http://sessions:8002`. */
  readonly baseUrl: string
  /** One of the service's caller tokens. */
  readonly token: string
  /** Keeps valid answers for a bounded time. Default: none, and a sign-out counts at once. */
  readonly cache?: CacheOptions
  /** Milliseconds that an answer may take. Default: 5,000. */
  readonly timeout?: number
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'now'>
}

/** All times are seconds since 1970, by the service's clock. */
export interface MadeSession {
  readonly sessionId: string
  readonly expiresAt: number
}

export interface ValidSession {
  readonly userId: UserId
  readonly expiresAt: number
  readonly metadata: Metadata
}

export interface NewSession {
  readonly userId: UserId
  readonly metadata?: Metadata
  /** The same for each try of one creation (`crypto.randomUUID()`): then a try that is repeated makes no second session. */
  readonly idempotencyKey?: string
}

/**
 * The service, for other servers. Each call rejects with a `SessionServiceError`: `unavailable` when nothing is known about
 * the session (keep the person signed in, ask again), `caller_refused` for a wrong token, and so on. That a session is not
 * live is an answer, not an error.
 */
export interface SessionClient {
  create(session: NewSession): Promise<MadeSession>
  /** Whose a session is; null if it is not live. */
  validate(sessionId: string): Promise<ValidSession | null>
  /** The session's new end; null if it is not live. */
  extend(sessionId: string): Promise<{ readonly expiresAt: number } | null>
  /** Another id for the same session, at a change of privilege; null if it is not live. */
  rotate(sessionId: string): Promise<MadeSession | null>
  /** Ends one session, or all of a user. False if there was nothing to end. */
  invalidate(what: { readonly sessionId: string } | { readonly userId: UserId }): Promise<boolean>
}

/**
 * @throws SessionServiceError `misconfigured` for an option that makes no sense.
 * @example
 * const sessions = createSessionClient({ baseUrl: 'http://sessions:8002', token })
 * const session = await sessions.validate(id)
 */
export function createSessionClient(options: SessionClientOptions): SessionClient {
  const { baseUrl, token, timeout = 5_000, clock = systemClock } = options
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw misconfigured('baseUrl must be an http or https URL, such as http://sessions:8002.')
  if (!token) throw misconfigured('token is missing: one of the caller tokens of the service.')
  const base = baseUrl.replace(/\/+$/, '')
  const cache = options.cache && createValidationCache<ValidSession>(options.cache, clock.now)

  const ask = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: object,
  ): Promise<Meaning> => {
    const send = options.fetch ?? fetch
    const response = await send(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      // Neither the token nor an id goes to another address.
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    }).catch((error: unknown) => {
      throw unreachable(error)
    })
    return readAnswer(response)
  }
  /** In a header: addresses end up in logs. An id with characters that no header can carry is none. */
  const about = async (method: string, path: string, id: string): Promise<Meaning> =>
    /^[\x21-\x7e]{1,256}$/.test(id) ? ask(method, path, { 'x-session-id': id }) : { gone: true }
  const made = ({ body }: { body: Record<string, unknown> }): MadeSession => ({
    sessionId: textIn(body, 'session_id'),
    expiresAt: secondsIn(body, 'expires_at'),
  })

  return Object.freeze({
    async create({ userId, metadata, idempotencyKey }) {
      const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
      const answer = await ask('POST', '/session', headers, { user_id: userId, ...(metadata ? { metadata } : {}) })
      return made('gone' in answer ? { body: {} } : answer)
    },
    async validate(sessionId) {
      const known = cache?.get(sessionId)
      if (known) return known
      const mark = cache?.mark()
      const answer = await about('GET', '/session/validate', sessionId)
      if ('gone' in answer || answer.body.valid !== true) return null
      const { body } = answer
      const session = Object.freeze({
        userId: userIn(body),
        expiresAt: secondsIn(body, 'expires_at'),
        metadata: metadataIn(body),
      })
      if (mark) cache?.put(sessionId, session, mark)
      return session
    },
    async extend(sessionId) {
      const answer = await about('POST', '/session/refresh', sessionId)
      if ('gone' in answer) cache?.drop(sessionId)
      return 'gone' in answer ? null : { expiresAt: secondsIn(answer.body, 'expires_at') }
    },
    async rotate(sessionId) {
      cache?.drop(sessionId)
      const answer = await about('POST', '/session/rotate', sessionId)
      cache?.drop(sessionId)
      return 'gone' in answer ? null : made(answer)
    },
    async invalidate(what) {
      const forget = () => ('userId' in what ? cache?.dropUser(what.userId) : cache?.drop(what.sessionId))
      // Before, so that nobody is let in while the answer is on its way; after, for what was asked in between.
      forget()
      try {
        const answer =
          'userId' in what
            ? await ask('POST', '/session/invalidate', {}, { user_id: what.userId })
            : await about('POST', '/session/invalidate', what.sessionId)
        return !('gone' in answer)
      } finally {
        forget()
      }
    },
  } satisfies SessionClient)
}
