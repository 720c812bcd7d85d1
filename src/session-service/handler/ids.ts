import { SessionServiceError } from '../contract/errors.ts'
import { isSignedBy, parseSessionId, type SigningKey } from '../ids/session-id.ts'
import type { KeyRing } from '../keys/key-ring.ts'

/** A session's handle, once its id has proven to be signed by us; else why it is not. */
export type Opened = { readonly handle: string } | { readonly refused: 'session_invalid' | 'unknown_key' }

const INVALID: Opened = Object.freeze({ refused: 'session_invalid' })
const UNKNOWN: Opened = Object.freeze({ refused: 'unknown_key' })

/** Checks an id's shape and signature. Never asks the store. */
export async function openId(ring: KeyRing, id: string): Promise<Opened> {
  const parsed = parseSessionId(id)
  if (!parsed) return INVALID
  const key = ring.get(parsed.kid) ?? (await ring.look(parsed.kid))
  if (!key) return UNKNOWN
  return isSignedBy(key.key, parsed) ? { handle: parsed.handle } : INVALID
}

/** The key that signs. Without one the service is not ready. */
export function signingKey(ring: KeyRing): SigningKey {
  if (ring.signing) return ring.signing
  throw new SessionServiceError('not_ready', 'No signing key yet: the secrets service has not answered.', {
    retryAfter: 1,
  })
}

const WHY = {
  session_invalid: 'There is no such live session.',
  unknown_key: 'The id names a signing key that is not known.',
} as const

/** The refusal that a route gives: 401 from refresh and rotate, 404 from invalidate. */
export const refusal = (code: keyof typeof WHY, status: number): SessionServiceError =>
  new SessionServiceError(code, WHY[code], { status })
