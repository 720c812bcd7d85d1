import { misconfigured, SessionServiceError } from '../contract/errors.ts'
import { ID_PREFIX } from '../ids/session-id.ts'
import { createCallers } from './callers.ts'
import type { Incoming } from './message.ts'

/** Who asks: one of the callers (its place in the list), or the holder of one session, for this session. */
export type Access =
  | { readonly by: 'caller'; readonly caller: number }
  | { readonly by: 'session'; readonly id: string }

export interface AccessOptions {
  readonly callers: readonly string[]
  readonly selfService: boolean
  readonly origins: readonly string[]
}

export interface Gate {
  /** Whoever knows a caller token. Throws `caller_refused` for everybody else. */
  caller(incoming: Incoming): Access
  /** Also whoever sends a session's id as bearer, where `selfService` is on. */
  session(incoming: Incoming): Access
  /** The headers that let a page of this origin read the answer; null if it may not. */
  cors(incoming: Incoming): Readonly<Record<string, string>> | null
}

const BEARER = /^Bearer +(\S+) *$/i

export function createGate({ callers, selfService, origins }: AccessOptions): Gate {
  const callerOf = createCallers(callers)
  for (const origin of origins)
    if (origin.includes('*') || !URL.canParse(origin) || new URL(origin).origin !== origin)
      throw misconfigured(`origins: ${origin} is not an origin such as https://app.example.com (no path, no *).`)
  if (selfService && origins.length === 0)
    throw misconfigured('selfService needs origins: the list of origins whose pages may use it.')
  const allowed = new Set(selfService ? origins : [])

  const enter = (incoming: Incoming, self: boolean): Access => {
    const bearer = BEARER.exec(incoming.header('authorization') ?? '')?.[1]
    if (bearer !== undefined) {
      const caller = callerOf(bearer)
      if (caller >= 0) return { by: 'caller', caller }
      if (self && selfService && bearer.startsWith(ID_PREFIX)) {
        const origin = incoming.header('origin')
        // Browsers send no Origin with a GET to the page's own origin, and other programs send none at all. The id itself is the proof; no cookie is.
        if (origin !== undefined && !allowed.has(origin))
          throw new SessionServiceError('origin_refused', 'Pages of this origin may not use the service.')
        return { by: 'session', id: bearer }
      }
    }
    throw new SessionServiceError(
      'caller_refused',
      bearer === undefined
        ? 'Send a caller token: Authorization: Bearer <token>.'
        : 'This is none of the caller tokens that the service knows.',
    )
  }
  return Object.freeze({
    caller: (incoming) => enter(incoming, false),
    session: (incoming) => enter(incoming, true),
    cors(incoming) {
      const origin = incoming.header('origin')
      if (origin === undefined || !allowed.has(origin)) return null
      return {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, x-session-id',
        'access-control-expose-headers': 'date, retry-after',
        'access-control-max-age': '7200',
        vary: 'Origin',
      }
    },
  } satisfies Gate)
}
