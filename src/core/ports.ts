/**
 * Everything the engine needs from its surroundings. `src/browser` implements these for a page, `keyturn/testing` for
 * tests. The engine itself names no global, so tests can run any number of tabs on one fake clock.
 */

/** An opaque timer handle. */
export type Timer = unknown

export interface Clock {
  /** Wall clock in milliseconds since 1970. May jump. */
  now(): number
  setTimeout(run: () => void, ms: number): Timer
  clearTimeout(timer: Timer): void
}

/**
 * Runs `task` while holding an exclusive lock shared by all tabs of the origin. Rejects when the lock cannot be had;
 * gives up waiting when `signal` aborts. The engine stays correct if it fails, hangs or is stolen.
 */
export type Lock = (name: string, signal: AbortSignal, task: () => Promise<void>) => Promise<unknown>

/** A broadcast channel between the tabs of the origin. What is posted does not come back to the sender. */
export interface Channel {
  post(message: string): void
  close(): void
}

/** Why the engine is asked to look at the clock and at storage again. */
export type WakeReason = 'online' | 'visible' | 'storage'

/** The page the code runs in; null on a server. */
export interface Page {
  /** The page's address: its origin may see the token. */
  href(): string
  /** What relative URLs of requests are resolved against: the same, unless the page has a `<base>`. */
  base(): string
}

/** What the browser can read from an access token without verifying it. Everything is null for an opaque token. */
export interface TokenFacts {
  readonly subject: string | null
  /** Seconds since 1970 by the server's clock (RFC 7519 section 4.1.6). */
  readonly issuedAt: number | null
  /** Seconds since 1970 by the server's clock (RFC 7519 section 4.1.4). */
  readonly expiresAt: number | null
  /** The claims that describe the user: all but those that change with every token. */
  readonly claims: Readonly<Record<string, unknown>> | null
}

/**
 * What the engine does, step by step, for devtools and tests. No record holds a token or a user. `at`: ms since 1970,
 * device clock. `session` and `version`: of the session in memory. `request` counts the requests of one `auth`.
 */
export type TraceRecord = {
  readonly at: number
  readonly session: string | null
  readonly version: number
} & TraceStep

export type TraceStep =
  /** Somebody wants new tokens; `joined`: a renewal was under way already. */
  | { readonly step: 'asked'; readonly by: 'timer' | 'request' | 'answer' | 'app' | 'start'; readonly joined: boolean }
  | { readonly step: 'lock'; readonly state: 'waiting' | 'held' | 'released' | 'without' }
  /** Storage was read; `finding` is what it says beside memory (see reconcile.ts). */
  | { readonly step: 'looked'; readonly finding: string }
  /** Another tab's tokens were taken from storage. */
  | { readonly step: 'adopted' }
  /** The server is asked; `attempt` counts from 1 in each flight. */
  | { readonly step: 'attempt'; readonly attempt: number }
  | { readonly step: 'outcome'; readonly type: string; readonly status: number | null; readonly ms: number }
  | { readonly step: 'saved'; readonly ok: boolean }
  | { readonly step: 'announced' | 'heard'; readonly what: string }
  | { readonly step: 'signed_in'; readonly by: 'this_tab' | 'other_tab' }
  | { readonly step: 'signed_out'; readonly reason: string }
  /** A request of the app. `status`: of the answer that it gets. `why`: an error code. */
  | { readonly step: 'request'; readonly request: number; readonly state: 'waiting' | 'sent' | 'repeated' }
  | { readonly step: 'answered'; readonly request: number; readonly status: number }
  | { readonly step: 'failed'; readonly request: number; readonly why: string }

export interface Ports {
  readonly clock: Clock
  /** A number from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
  /** A new random id for a session. Not a secret. */
  readonly newId: () => string
  readonly fetch: typeof globalThis.fetch
  readonly readToken: (token: string) => TokenFacts
  readonly page: Page | null
  readonly lock: Lock | null
  /**
   * Resolves when what other tabs have written to cookies can be read here. In Firefox and WebKit that may be some ms after
   * the other tab has read it back itself, even for the tab that is given the lock next. undefined: cannot be told, wait a
   * little instead. Null or absent: it can be read at once.
   */
  readonly settle?: (() => Promise<unknown> | undefined) | null
  readonly openChannel: ((name: string, receive: (message: string) => void) => Channel) | null
  /** Gets a record of each thing that the engine does. Absent: nothing is recorded. It must not throw. */
  readonly trace?: (record: TraceRecord) => void
  /** Subscribes to everything after which time may have passed or storage may have changed. Returns the way back. */
  readonly onWake: (wake: (reason: WakeReason) => void) => () => void
}
