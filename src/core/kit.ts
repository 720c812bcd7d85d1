import type { AuthError } from './errors.ts'
import type { Ports } from './ports.ts'
import type { Session } from './session.ts'
import type { AuthEvents, Backend, BackendContext, SignOutScope, TokenAnswer } from './types.ts'

/** What the parts of one engine share. */
export interface Kit {
  readonly ports: Ports
  readonly backend: Backend
  /** Time limit of one call, in ms. */
  readonly timeout: number
  readonly lockName: string | undefined
  /** Aborts when the engine is disposed. */
  readonly life: AbortSignal
  /** The session in memory: what requests see. Storage is what the tabs share. */
  readonly session: () => Session | null
  /**
   * The epoch: aborts, at once, when somebody signs in or out or the session becomes another one. Whatever comes back
   * from an `await` with an aborted identity is too late.
   */
  readonly identity: () => AbortSignal
  /** Calls the backend within a time limit. Rejects with an {@link AuthError} and nothing else. */
  readonly call: <T>(run: (context: BackendContext) => Promise<T>, ms?: number) => Promise<T>
  /** Reads storage again and follows what it says. `refused`: even if it did not take what memory has. */
  readonly sync: (refused?: boolean) => Promise<void>
  /** Takes new tokens, or a longer life of the old ones: into memory, then into storage. */
  readonly renew: (answer: TokenAnswer) => Promise<void>
  readonly end: (reason: 'rejected' | 'expired', error: AuthError) => void
  /** Whether a session is known to be over: somebody signed out of it, or the session of now is another person's. */
  readonly over: (id: string, subject: string | null) => boolean
  /** Tells the other tabs that the session changed; or is being renewed. */
  readonly announce: (why?: string) => void
  /** To be called when something that the state or the alarm depends on has changed. */
  readonly changed: () => void
  /** Ends a session on the server, best effort. Resolves with whether that worked. */
  readonly revoke: (
    tokens: { readonly accessToken: string | null; readonly refreshToken?: string | null | undefined },
    scope?: SignOutScope,
  ) => Promise<boolean>
  readonly emit: <Name extends keyof AuthEvents>(event: Name, payload: AuthEvents[Name]) => void
}

export const noop = (): void => {}
