import { isSessionServiceError, SessionServiceError, type SessionServiceErrorCode } from '../contract/errors.ts'
import type { Metadata, UserId } from '../contract/session.ts'

/** What an answer meant: its body, or one of the refusals that say that there is no such session. */
export type Meaning = { readonly body: Record<string, unknown> } | { readonly gone: true }

const GONE = new Set<unknown>(['session_invalid', 'session_not_found', 'unknown_key'])
const PASSING = new Set([408, 425, 429])

/** Reads an answer of the service. Throws for whatever says nothing about the session: that must not sign anybody out. */
export async function readAnswer(response: Response): Promise<Meaning> {
  const body = objectOf(await response.text().catch(() => ''))
  const { status } = response
  if (response.ok && body) return { body }
  const error = objectOf(body?.error)
  if ((status === 401 || status === 404) && GONE.has(error?.code)) return { gone: true }
  const wait = Number(response.headers.get('retry-after'))
  const options = { status, ...(wait > 0 ? { retryAfter: wait } : {}) }
  if (status >= 500 || PASSING.has(status))
    throw new SessionServiceError('unavailable', `The session service answered ${status}.`, options)
  // Something else than the service answered: a proxy, or a wrong base URL.
  if (typeof error?.code !== 'string' || typeof error.message !== 'string')
    throw new SessionServiceError('invalid_answer', `An answer ${status} that is none of the session service.`, options)
  throw new SessionServiceError(error.code as SessionServiceErrorCode, error.message, options)
}

function objectOf(value: unknown): Record<string, unknown> | null {
  if (typeof value === 'string') {
    try {
      return objectOf(JSON.parse(value) as unknown)
    } catch {
      return null
    }
  }
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

const wrong = (name: string) =>
  new SessionServiceError('invalid_answer', `The answer of the session service has no good ${name}.`)

export function textIn(body: Record<string, unknown>, name: string): string {
  const value = body[name]
  if (typeof value !== 'string' || value === '') throw wrong(name)
  return value
}

export function secondsIn(body: Record<string, unknown>, name: string): number {
  const value = body[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(name)
  return value
}

export function userIn(body: Record<string, unknown>): UserId {
  const value = body.user_id
  if (typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw wrong('user_id')
}

export const metadataIn = (body: Record<string, unknown>): Metadata => objectOf(body.metadata) ?? {}

/** The request did not come through, or took too long. */
export const unreachable = (cause: unknown): SessionServiceError =>
  isSessionServiceError(cause)
    ? cause
    : new SessionServiceError('unavailable', 'The session service cannot be reached.', { cause })
