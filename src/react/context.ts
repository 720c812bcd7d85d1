import { type Context, createContext, createElement, type ReactNode, useContext, useMemo, useState } from 'react'
import { misuse } from '../core/errors.ts'
import type { Auth, AuthState } from '../core/types.ts'
import type { AuthView } from './types.ts'

/** Any `Auth`, whatever its user and credentials: `never`, because credentials are what it takes, not what it gives. */
type AnyAuth = Auth<unknown, never>

/** What the provider hands down. It changes only with the `auth` prop, so the context itself re-renders nothing. */
export interface Source {
  readonly auth: AnyAuth
  /** The view of a state; the same for the same state. */
  readonly view: (state: AuthState) => AuthView<unknown, never>
  /** What the server rendered; `loading` if it did not say. */
  readonly initial: AuthState
}

const SourceContext: Context<Source | null> = createContext<Source | null>(null)

export interface AuthProviderProps {
  /** What `createAuth` returned. Make it once, outside of any component. */
  readonly auth: AnyAuth
  /**
   * What the server that rendered this page knew: `state` of `createServerAuth().read(request)`. It is shown while rendering on
   * the server, while hydrating, and until the engine knows for itself, so that nobody sees `loading`. Only its first value
   * counts. Default: `loading`.
   */
  readonly initialState?: AuthState | undefined
  readonly children?: ReactNode
}

/** A server knows nobody's session by itself, and the first render in the browser must agree with what it sent. */
const UNKNOWN: AuthState = Object.freeze({ status: 'loading', user: null, problem: null })

/**
 * Gives `auth` to the hooks below it. It starts nothing and ends nothing: the engine lives as long as the `auth` object,
 * so mounting it twice (StrictMode) or unmounting it does no harm.
 * @throws AuthError `misconfigured` when `auth` is not what `createAuth` returned.
 */
export function AuthProvider({ auth, initialState, children }: AuthProviderProps): ReactNode {
  // Checked here because a missing or wrong prop would otherwise show up far away, in some hook.
  if (typeof auth?.getState !== 'function') wrapApp()
  const [initial] = useState(initialState ?? UNKNOWN)
  const source = useMemo((): Source => {
    const { signIn, signOut, adopt, refresh, reloadUser, getAccessToken } = auth
    const views = new WeakMap<AuthState, AuthView<unknown, never>>()
    return {
      auth,
      initial,
      view: (known) => {
        // What the server said holds until the engine knows more.
        const waiting = known.status === 'loading' && initial.status !== 'loading'
        const kept = initial.status === 'authenticated' ? { ...initial, problem: known.problem } : initial
        const state = waiting ? kept : known
        const view = views.get(known) ?? { ...state, signIn, signOut, adopt, refresh, reloadUser, getAccessToken }
        views.set(known, view)
        return view
      },
    }
  }, [auth, initial])
  return createElement(SourceContext.Provider, { value: source }, children)
}

/** @throws AuthError `misconfigured` outside of an AuthProvider. */
export function useSource(): Source {
  const source = useContext(SourceContext)
  return source ?? wrapApp()
}

function wrapApp(): never {
  misuse('Wrap the app in <AuthProvider auth={auth}>, with auth made by createAuth().')
}
