import { type ReactNode, useEffect } from 'react'
import { currentPath, goTo } from '../browser/page.ts'
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
  | { readonly redirectTo?: undefined; readonly navigate?: undefined }
  | {
      /**
       * Path of the sign-in page, to go to when nobody is signed in. The current path goes with it as `?returnTo=`; read
       * it there with `readReturnPath`.
       */
      readonly redirectTo: string
      /**
       * Your router's way to go there, for instance `(path) => navigate(path, { replace: true })`. It gets paths as the
       * address bar shows them. Default: `location.replace`, a full page load.
       */
      readonly navigate?: ((path: string) => void) | undefined
    }
)

/** The part of a path that names a page: no query, no fragment, no slash at the end. */
const page = (path: string): string => path.replace(/\/?([?#].*)?$/, '')

/**
 * Shows its children only to somebody who is signed in. It decides what is *seen*, not what may be *done*: only the
 * server protects data. On the sign-in page itself it never redirects.
 *
 * ```tsx
 * <RequireAuth pending={<Spinner />} fallback={<SignIn />}><Dashboard /></RequireAuth>
 * <RequireAuth redirectTo="/sign-in"><Dashboard /></RequireAuth>
 * ```
 *
 * @throws AuthError `misconfigured` outside of an AuthProvider.
 */
export function RequireAuth({ children, pending, fallback, redirectTo, navigate }: RequireAuthProps): ReactNode {
  const status = useAuth((auth) => auth.status)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new `navigate` function is no reason to go there again
  useEffect(() => {
    const here = currentPath()
    if (status === 'unauthenticated' && redirectTo && here && page(here) !== page(redirectTo)) {
      const leave = navigate ?? goTo
      leave(withReturnPath(redirectTo, here))
    }
  }, [status, redirectTo])
  return status === 'authenticated' ? children : status === 'loading' ? pending : fallback
}
