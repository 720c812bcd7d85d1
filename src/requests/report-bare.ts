import { AuthError } from '../core/errors.ts'
import type { Auth } from '../core/types.ts'

/** A plain 401 does not show that the request had no token because `origins` leaves its address out. */
export function reportBare(auth: Pick<Auth, 'getState' | 'report'>, status: number, url: string): void {
  if (status !== 401 || !auth.getState().user) return
  const text = `${new URL(url).origin} answered 401: it got no token, as \`origins\` does not name it.`
  auth.report(new AuthError('misconfigured', text, { status }))
}
