import { badRequest, SessionServiceError } from '../contract/errors.ts'
import type { Access } from './access.ts'
import type { Incoming } from './message.ts'
import { type Fields, field } from './read-body.ts'

/** The one value of a query parameter, or null. */
export function parameter(incoming: Incoming, name: string): string | null {
  if (incoming.query === '') return null
  const values = new URLSearchParams(incoming.query).getAll(name)
  if (values.length > 1) throw badRequest(`${name} stands more than once in the address.`)
  return values[0] ?? null
}

/**
 * The session id that a request is about, wherever it is: the bearer of a page, the header `X-Session-Id`, the body, or the address
 * (which ends up in logs and histories: the others are better). Two that differ are a mistake that must not pick one.
 */
export function findId(incoming: Incoming, access: Access, fields: Fields): string | null {
  const inBody = field(fields, 'session_id')
  if (inBody !== undefined && typeof inBody !== 'string') throw badRequest('session_id must be text.')
  const named = [incoming.header('x-session-id'), inBody, parameter(incoming, 'session_id')].filter(
    (id): id is string => id !== undefined && id !== null,
  )
  if (access.by === 'session') {
    if (named.some((id) => id !== access.id))
      throw new SessionServiceError('other_session', 'A session id as bearer reaches its own session only.')
    return access.id
  }
  const [id = null] = named
  if (named.some((other) => other !== id)) throw badRequest('The request names two different sessions.')
  return id
}

export function needId(id: string | null): string {
  if (id === null || id === '') throw badRequest('session_id is missing: send it as X-Session-Id, or in the body.')
  return id
}
