import { useEffect, useInsertionEffect, useRef } from 'react'
import type { AuthEvents } from '../core/types.ts'
import { useSource } from './context.ts'
import type { DefaultUser } from './types.ts'

/**
 * Calls `listener` for each event of that name while the component is mounted; always the listener of the latest
 * render, which therefore need not be memoised. For what an event should do once, not for what the page should show:
 * that is {@link useAuth}.
 *
 * ```tsx
 * useAuthEvent('signed_out', ({ reason }) => {
 *   if (reason === 'rejected') toast('Please sign in again.')
 * })
 * ```
 *
 * @throws AuthError `misconfigured` outside of an AuthProvider.
 */
export function useAuthEvent<Name extends keyof AuthEvents, User = DefaultUser>(
  event: Name,
  listener: (payload: AuthEvents<User>[Name]) => void,
): void {
  const { auth } = useSource()
  const latest = useRef(listener)
  // Not a layout effect, which React 18 complains about on a server; not a passive one, which would leave a gap after
  // the commit in which the old listener is called.
  useInsertionEffect(() => {
    latest.current = listener
  })
  useEffect(() => auth.on(event, (payload) => latest.current(payload as AuthEvents<User>[Name])), [auth, event])
}
