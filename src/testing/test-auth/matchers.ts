import type { Auth, SignedOutReason } from '../../core/types.ts'
import type { MockAuth } from '../auth-server/core/types.ts'

interface Result {
  readonly pass: boolean
  readonly message: () => string
}

type AnyAuth = Pick<Auth<unknown, never>, 'getState' | 'inspect'>

/** The matchers of {@link authMatchers}, for the types of Vitest or Jest. */
export interface AuthMatchers<R = unknown> {
  /** The server has seen so many refreshes, refused ones included. Default: exactly one. */
  toHaveRefreshed(times?: number): R
  /** Somebody is signed in; with `user`, somebody with these members. */
  toBeSignedIn(user?: Readonly<Record<string, unknown>>): R
  /** Nobody is signed in, for this reason. */
  toBeSignedOut(because?: SignedOutReason): R
}

/**
 * Matchers for `expect.extend`, in Vitest and Jest.
 *
 * ```ts
 * expect.extend(authMatchers)
 * expect(server).toHaveRefreshed(1)
 * expect(auth).toBeSignedOut('rejected')
 * ```
 */
export const authMatchers: {
  readonly toHaveRefreshed: (server: MockAuth, times?: number) => Result
  readonly toBeSignedIn: (auth: AnyAuth, user?: Readonly<Record<string, unknown>>) => Result
  readonly toBeSignedOut: (auth: AnyAuth, because?: SignedOutReason) => Result
} = {
  toHaveRefreshed(server, times = 1) {
    const all = server.log.filter(({ call, fault }) => call === 'refresh' && fault !== 'drop')
    const what = all.map(({ verdict, status, code }) =>
      `${verdict ?? 'no verdict'} ${status ?? ''} ${code ?? ''}`.trim(),
    )
    return {
      pass: all.length === times,
      message: () => `The server has seen ${all.length} refreshes, not ${times}: ${what.join(', ') || 'none'}.`,
    }
  },
  toBeSignedIn(auth, user = {}) {
    const state = auth.getState()
    const shown = (state.user ?? {}) as Readonly<Record<string, unknown>>
    const differs = Object.keys(user).filter((name) => JSON.stringify(shown[name]) !== JSON.stringify(user[name]))
    return {
      pass: state.status === 'authenticated' && differs.length === 0,
      message: () =>
        state.status === 'authenticated'
          ? `Somebody is signed in, and differs in: ${differs.join(', ') || 'nothing'}.`
          : `Nobody is signed in: ${words(auth)}.`,
    }
  },
  toBeSignedOut(auth, because) {
    const state = auth.getState()
    const out = state.status === 'unauthenticated'
    return {
      pass: out && (because === undefined || state.reason === because),
      message: () => `The session is ${words(auth)}${because ? `, not signed out because of ${because}` : ''}.`,
    }
  },
}

function words(auth: AnyAuth): string {
  const state = auth.getState()
  if (state.status !== 'unauthenticated') return state.status
  return `signed out because of ${state.reason}${state.error ? ` (${state.error.message})` : ''}`
}
