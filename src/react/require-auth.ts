import { type ReactNode, useEffect } from 'react'
import { goTo, currentPath as pagePath } from '../browser/page.ts'
import { wayTo } from './address.ts'
import { withReturnPath } from './return-path.ts'
import { useAuth } from './use-auth.ts'

export type RequireAuthProps = {
  /** Shown to whoever is signed in, also while the server cannot be reached. */
  readonly children?: ReactNode
  /** Shown while a session is being restored. Default: nothing. */
  readonly pending?: ReactNode
  /** Shown when nobody is signed in; with `redirectTo`, until the sign-in page is there. Default: nothing. */
  readonly fallback?: ReactNode
} & (
  | { readonly redirectTo?: undefined; readonly navigate?: undefined; readonly currentPath?: undefined }
  | {
      /**
       * The sign-in page, to go to when nobody is signed in. The current path goes with it as `?returnTo=`; read it there
       * with `readReturnPath`. After a sign-out it does not: the next person should not land on the last one's page.
       */
      readonly redirectTo: string
      /**
       * Your router's way to go there, for instance `(path) => navigate(path, { replace: true })`. Not used for a sign-in page
       * of another origin. Default: `location.replace`, a full page load.
       */
      readonly navigate?: ((path: string) => void) | undefined
      /**
       * The current path, query and fragment as your router has them. Hand it in with a router whose paths are not those of
       * the address bar (a basename, a hash or memory router), so that the return path is one that `navigate` understands.
       * Default: as the address bar shows them.
       * @example pathname + search + hash, of React Router's `useLocation()`
       */
      readonly currentPath?: string | undefined
    }
)

/**
 * Shows its children only to somebody who is signed in. It decides what is *seen*, not what may be *done*: only the
 * server protects data. On the sign-in page itself it never redirects, however its address is written.
 *
 * ```tsx
 * <RequireAuth pending={<Spinner />} fallback={<SignIn />}><Dashboard /></RequireAuth>
 * <RequireAuth redirectTo="/sign-in"><Dashboard /></RequireAuth>
 * ```
 *
 * @throws AuthError `misconfigured` outside of an AuthProvider.
 */
export function RequireAuth({
  children,
  pending,
  fallback,
  redirectTo,
  navigate,
  currentPath,
}: RequireAuthProps): ReactNode {
  const status = useAuth((auth) => (auth.status === 'unauthenticated' ? auth.reason : auth.status))
  const out = status !== 'authenticated' && status !== 'loading'
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `navigate` function is no reason to go there again
  useEffect(() => {
    const here = currentPath ?? pagePath()
    const to = out && redirectTo && here && wayTo(redirectTo, here, !!navigate && !currentPath)
    if (!to) return
    // A router knows no page of another origin, nor one that is no path.
    const leave = (/^\w+:/.test(to) ? null : navigate) ?? goTo
    leave(status === 'signed_out' || status === 'other_tab' ? to : withReturnPath(to, here))
  }, [status, redirectTo, currentPath])
  return status === 'authenticated' ? children : status === 'loading' ? pending : fallback
}
