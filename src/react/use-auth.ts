import { useMemo, useSyncExternalStore } from 'react'
import type { AuthState } from '../core/types.ts'
import { useSource } from './context.ts'
import type { AuthView, DefaultCredentials, DefaultUser } from './types.ts'

/**
 * The session, and what to do about it. Renders again when status, user, problem or reason change; replacing tokens
 * changes none of them. On a server and while hydrating
 * the status is that of the provider's `initialState`, else `loading`.
 *
 * ```tsx
 * const { status, user, signOut } = useAuth<User>()
 * if (status === 'authenticated') return <button onClick={() => signOut()}>Sign out {user.name}</button>
 * ```
 *
 * @throws AuthError `misconfigured` outside of an AuthProvider.
 */
export function useAuth<User = DefaultUser, Credentials = DefaultCredentials>(): AuthView<User, Credentials>
/**
 * A part of the session. Renders again only when what `selector` returns is another value (`Object.is`). A selector
 * that builds an object is allowed; it then renders at each change of the session.
 *
 * ```tsx
 * const name = useAuth((auth: AuthView<User>) => auth.user?.name)
 * ```
 *
 * @throws AuthError `misconfigured` outside of an AuthProvider.
 */
export function useAuth<Selected, User = DefaultUser, Credentials = DefaultCredentials>(
  selector: (auth: AuthView<User, Credentials>) => Selected,
): Selected
export function useAuth(selector?: (auth: never) => unknown): unknown {
  const { auth, view, initial } = useSource()
  const select = useMemo(() => {
    let from: unknown
    let selected: unknown
    // React reads a snapshot several times and compares; an object made afresh at each reading would never settle.
    return (state: AuthState) => {
      const now = view(state)
      if (from !== now) {
        selected = selector ? selector(now as never) : now
        from = now
      }
      return selected
    }
  }, [view, selector])
  return useSyncExternalStore(
    auth.subscribe,
    () => select(auth.getState()),
    () => select(initial),
  )
}
