import { createHash } from 'node:crypto'
import { type Clock, seconds } from '../contract/clock.ts'
import { badRequest, SessionServiceError } from '../contract/errors.ts'
import type { Lifetimes, Session } from '../contract/session.ts'
import { isHandle, newHandle, writeSessionId } from '../ids/session-id.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { SessionStore } from '../stores/store.ts'
import type { Access } from './access.ts'
import { findId, needId, parameter } from './find-id.ts'
import { openId, refusal, signingKey } from './ids.ts'
import type { Limits } from './limits.ts'
import { type Incoming, json, type Outgoing } from './message.ts'
import { type Fields, field } from './read-body.ts'
import { readIdempotencyKey, readLimit, readMetadata, readUserId } from './read-input.ts'

export interface Parts {
  readonly store: SessionStore
  readonly ring: KeyRing
  readonly clock: Clock
  readonly metrics: Metrics
  readonly lifetimes: Lifetimes
  /** Seconds that an Idempotency-Key is remembered. */
  readonly idempotencyFor: number
  readonly limits: Limits
}

export interface Asked {
  readonly incoming: Incoming
  readonly access: Access
  readonly fields: Fields
}

export interface Route {
  readonly name: string
  readonly methods: readonly ('GET' | 'POST')[]
  /** Who may call: callers, or also the session itself. */
  readonly who: 'caller' | 'session'
  run(asked: Asked): Promise<Outgoing>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** The contract, a route each. Everything about HTTP that is the same for all stands in `create-exchange.ts`. */
export function createRoutes({
  store,
  ring,
  clock,
  metrics,
  lifetimes,
  idempotencyFor,
  limits,
}: Parts): ReadonlyMap<string, Route> {
  const now = () => seconds(clock)

  /** What the id opens; counts and limits what does not even have our signature. */
  const open = async ({ incoming, access }: Asked, id: string) => {
    const opened = await openId(ring, id)
    const handle = 'handle' in opened ? opened.handle : null
    if (handle === null) metrics.happened('forged')
    limits.session(access, incoming, handle)
    return opened
  }
  const openAsked = (asked: Asked) => open(asked, needId(findId(asked.incoming, asked.access, asked.fields)))

  async function create({ incoming, fields }: Asked): Promise<Outgoing> {
    const userId = readUserId(field(fields, 'user_id'))
    const metadata = readMetadata(field(fields, 'metadata'))
    const retryKey = readIdempotencyKey(incoming.header('idempotency-key'))
    const key = signingKey(ring)
    const createdAt = now()
    const endsAt = createdAt + lifetimes.maxLifetime
    const session: Session = {
      handle: newHandle(),
      userId,
      createdAt,
      expiresAt: createdAt + lifetimes.ttl,
      endsAt,
      metadata,
    }
    const once =
      retryKey === null
        ? null
        : {
            key: sha256(retryKey),
            fingerprint: sha256(JSON.stringify([userId, metadata])),
            kid: key.kid,
            until: createdAt + idempotencyFor,
          }
    const created = await store.create(session, createdAt, once)
    if (created.outcome === 'reused')
      throw new SessionServiceError(
        'idempotency_reused',
        'This Idempotency-Key was used for another user or other metadata.',
      )
    if (created.outcome === 'ended')
      throw new SessionServiceError(
        'idempotency_ended',
        'The session that was made with this Idempotency-Key has ended. For a new one, use a new key.',
      )
    metrics.happened(created.outcome)
    if (created.outcome === 'created')
      return json(200, { session_id: writeSessionId(key, session.handle), expires_at: session.expiresAt })
    const first = ring.get(created.kid) ?? key
    return json(200, {
      session_id: writeSessionId(first, created.session.handle),
      expires_at: created.session.expiresAt,
    })
  }

  async function refresh(asked: Asked): Promise<Outgoing> {
    const opened = await openAsked(asked)
    if ('refused' in opened) throw refusal(opened.refused, 401)
    const expiresAt = await store.extend(opened.handle, now(), lifetimes)
    if (expiresAt === null) throw refusal('session_invalid', 401)
    metrics.happened('extended')
    return json(200, { expires_at: expiresAt })
  }

  async function validate(asked: Asked): Promise<Outgoing> {
    const opened = await openAsked(asked)
    const session = 'refused' in opened ? null : await store.find(opened.handle, now())
    if (!session) return json(200, { valid: false })
    const { userId, expiresAt, metadata } = session
    // What callers keep with a session is theirs: a page does not see it.
    const kept = metadata && asked.access.by === 'caller' ? { metadata } : {}
    return json(200, { valid: true, user_id: userId, expires_at: expiresAt, ...kept })
  }

  async function rotate(asked: Asked): Promise<Outgoing> {
    const opened = await openAsked(asked)
    if ('refused' in opened) throw refusal(opened.refused, 401)
    const key = signingKey(ring)
    const session = await store.rotate(opened.handle, newHandle(), now())
    if (!session) throw refusal('session_invalid', 401)
    metrics.happened('rotated')
    return json(200, { session_id: writeSessionId(key, session.handle), expires_at: session.expiresAt })
  }

  async function invalidate(asked: Asked): Promise<Outgoing> {
    const { access, fields } = asked
    const userId = field(fields, 'user_id')
    const handle = field(fields, 'handle')
    const id = findId(asked.incoming, access, fields)
    const named = [id, userId, handle].filter((value) => value !== null && value !== undefined)
    if (access.by === 'session' && named.length > 1)
      throw new SessionServiceError('other_session', 'A session id as bearer ends its own session only.')
    if (named.length !== 1) throw badRequest('Send one of session_id, user_id and handle.')
    let ended: number
    if (id !== null) {
      const opened = await open(asked, needId(id))
      if ('refused' in opened) throw refusal(opened.refused, 404)
      ended = Number(await store.end(opened.handle, now()))
    } else if (handle !== undefined) {
      if (typeof handle !== 'string' || !isHandle(handle)) throw badRequest('handle must be one of a list of sessions.')
      ended = Number(await store.end(handle, now()))
    } else ended = await store.endUser(readUserId(userId), now())
    if (ended === 0) throw new SessionServiceError('session_not_found', 'There was nothing to end.')
    metrics.happened('ended', ended)
    return json(200, { ok: true })
  }

  async function list({ incoming }: Asked): Promise<Outgoing> {
    const userId = readUserId(parameter(incoming, 'user_id') ?? undefined)
    const sessions = await store.list(userId, now(), readLimit(parameter(incoming, 'limit')))
    return json(200, {
      sessions: sessions.map((session) => ({
        handle: session.handle,
        user_id: session.userId,
        created_at: session.createdAt,
        expires_at: session.expiresAt,
        ends_at: session.endsAt,
        metadata: session.metadata ?? {},
      })),
    })
  }

  async function count({ incoming }: Asked): Promise<Outgoing> {
    const userId = readUserId(parameter(incoming, 'user_id') ?? undefined)
    return json(200, { count: await store.count(userId, now()) })
  }

  const routes: Readonly<Record<string, Route>> = {
    '/session': { name: 'create', methods: ['POST'], who: 'caller', run: create },
    '/session/refresh': { name: 'refresh', methods: ['POST'], who: 'session', run: refresh },
    '/session/invalidate': { name: 'invalidate', methods: ['POST'], who: 'session', run: invalidate },
    '/session/validate': { name: 'validate', methods: ['GET', 'POST'], who: 'session', run: validate },
    '/session/rotate': { name: 'rotate', methods: ['POST'], who: 'caller', run: rotate },
    '/sessions': { name: 'list', methods: ['GET'], who: 'caller', run: list },
    '/sessions/count': { name: 'count', methods: ['GET'], who: 'caller', run: count },
  }
  return new Map(Object.entries(routes))
}
