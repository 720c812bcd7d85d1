import type { WebSessionFacts } from '../../web-session/create-web-session.ts'
import type { KeptSession } from './open-session.ts'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

function span(ms: number): string {
  const [name, size] = UNITS.find(([, size]) => ms >= size) ?? ['second', 1_000]
  const count = Math.floor(ms / size)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** A time to come, or one that has been. `null`: nobody knows. */
export function until(at: number | null | undefined): string {
  if (at == null) return 'nobody knows when'
  const left = at - Date.now()
  return left >= 0 ? `in ${span(left)}` : `ended ${span(-left)} ago`
}

export const ago = (at: number): string => `${span(Math.max(Date.now() - at, 0))} ago`

export interface Facts extends Partial<WebSessionFacts>, Readonly<Record<string, unknown>> {
  readonly status: string
  readonly reason: string | null
  readonly renewedAt: number | null
  readonly expiresAt: number | null
}

/** What may be shown of any session. */
export function factsOf({ auth, endsAt, inspect }: KeptSession): Facts {
  const state = auth.getState()
  const { receivedAt, expiresAt } = auth.inspect()
  const web = inspect?.()
  return {
    status: state.status,
    reason: state.status === 'unauthenticated' ? state.reason : null,
    renewedAt: receivedAt,
    expiresAt,
    endsAt: endsAt?.() ?? null,
    ...(web && { over: web.over, provedAt: web.provedAt, blocked: web.blocked, cookies: web.cookies }),
  }
}

export function describe(facts: Facts): string[] {
  const { status, reason, renewedAt, expiresAt, endsAt, over, provedAt, blocked } = facts
  const lines = [reason ? `${status} (${reason})` : status]
  if (over) lines.push('the site has shown its sign-in form: a person is needed, by npx keyturn capture')
  if (renewedAt) lines.push(`token of ${ago(renewedAt)}, ends ${until(expiresAt)}`)
  if (provedAt) lines.push(`proven ${ago(provedAt)}`)
  if (endsAt) lines.push(`the session ends ${until(endsAt)}`)
  if (blocked) lines.push(`no sign-in is tried: ${blocked}`)
  return lines
}
