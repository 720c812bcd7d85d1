import type { AuthError } from './errors.ts'

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

// ---- State ---------------------------------------------------------------------------------------------------------

/** Why nobody is signed in. */
export type SignedOutReason =
  /** There was no session to restore. */
  | 'none'
  /** `auth.signOut()` was called in this tab. */
  | 'signed_out'
  /** The server refused the current refresh token for good. */
  | 'rejected'
  /** The person signed out in another tab. */
  | 'other_tab'
  /** The access token ran out and there was nothing to renew it with. */
  | 'expired'
  /** Nobody used the app for longer than it allows. */
  | 'idle'
  /** The stored session was deleted from outside: site data cleared, cookies evicted. */
  | 'storage_lost'

/**
 * What an app needs to render. Snapshots keep their identity until something in them changes: replacing tokens changes
 * nothing here. Times and counters are not state; see {@link Auth.inspect}.
 */
export type AuthState<User = unknown> =
  | {
      /** A session is being restored; nothing is known about it yet. */
      readonly status: 'loading'
      readonly user: null
      /** Set while the restore cannot reach the server. It goes on trying. */
      readonly problem: AuthError | null
    }
  | {
      readonly status: 'authenticated'
      readonly user: User
      /** Set while refreshes fail and the access token has run out. Requests fail until it is gone. */
      readonly problem: AuthError | null
    }
  | {
      readonly status: 'unauthenticated'
      readonly user: null
      readonly problem: null
      readonly reason: SignedOutReason
      readonly error: AuthError | null
    }

export type AuthStatus = AuthState['status']

// ---- Events --------------------------------------------------------------------------------------------------------

/** What `auth.on` can report. No event carries a token. */
export interface AuthEvents<User = unknown> {
  /** Somebody signed in, here or in another tab. Not sent for a session restored at start-up. */
  signed_in: { readonly user: User; readonly by: 'this_tab' | 'other_tab' }
  /** The session ended. Sent once for each end. */
  signed_out: { readonly reason: SignedOutReason; readonly error: AuthError | null }
  /** There is a new access token. `other_tab`: that tab asked the server, this one took the result from storage. */
  refreshed: { readonly by: 'this_tab' | 'other_tab' }
  /** An attempt to refresh failed. `retryAt`: when the engine tries again, in ms since 1970; null if it will not. */
  refresh_failed: { readonly error: AuthError; readonly retryAt: number | null }
  /** The browser did not keep what was written. The session goes on in memory, for this tab only. */
  storage_failed: { readonly error: AuthError }
  /**
   * Somebody else is signed in than a moment ago, or nobody, or the same person with other data. Sent before `signed_in`,
   * `signed_out` and any change of state, in every tab: whoever keeps data of the person (a query cache, a socket) drops
   * it here. `by`: the tab in which it happened. Not sent for a session restored at start-up.
   */
  user_changed: { readonly user: User | null; readonly previous: User | null; readonly by: 'this_tab' | 'other_tab' }
  /** Something a developer should know, with what to do about it: fresh tokens are refused, or cookies are too large. */
  diagnostic: { readonly error: AuthError }
}

// ---- Backend -------------------------------------------------------------------------------------------------------

/**
 * What a script can see of a session.
 *
 * - `access`: `token`: the script holds the access token and attaches it. `cookie`: an HttpOnly cookie, which the browser
 *   attaches.
 * - `refresh`: `token`: the script holds a refresh token. `cookie`: it is HttpOnly. `access`: the access credential renews
 *   itself. `none`: the session ends with its token.
 */
export interface SessionKind {
  readonly access: 'token' | 'cookie'
  readonly refresh: 'token' | 'cookie' | 'access' | 'none'
}

/** What a token endpoint answered. */
export interface TokenAnswer<User = unknown> {
  /** Visible ASCII (RFC 6750 section 2.1). Absent or null only where scripts see none. */
  readonly accessToken?: string | null | undefined
  /** Absent or null when the server does not rotate: the old one is kept. */
  readonly refreshToken?: string | null | undefined
  /** Life of the access token in seconds from now (RFC 6749 section 5.1). */
  readonly expiresIn?: number | null | undefined
  /** When the access token expires, in seconds since 1970 by the server's clock. */
  readonly expiresAt?: number | null | undefined
  readonly user?: User | null | undefined
  /**
   * There are no tokens yet: the page goes to the auth server, and signs in when it comes back. Never resolves; rejects if the
   * person comes back to this very page without. For sign-ins by redirect.
   */
  readonly leaving?: Promise<never> | undefined
  /**
   * Something that the developer should know about the answer: the app's own function threw, the life looks wrong. The
   * engine tells it as a `diagnostic`; the tokens are good all the same.
   */
  readonly problem?: AuthError | undefined
}

/** How a refresh ended. A backend that throws instead is treated as `unavailable`: nobody is signed out by a bug. */
export type RefreshOutcome<User = unknown> =
  /** A new access token; the refresh token is replaced, or kept when the answer has none. */
  | { readonly type: 'renewed'; readonly answer: TokenAnswer<User> }
  /** The same tokens live longer. `expiresIn` in seconds. */
  | { readonly type: 'extended'; readonly expiresIn: number }
  /**
   * The refresh token is refused for good. `doubt`: the answer may mean something else; it is believed when it has come
   * three times alike, after 5 s and 20 s more.
   */
  | { readonly type: 'rejected'; readonly error: AuthError; readonly doubt?: boolean }
  /**
   * Passing trouble: try again later, after `error.retryAfter` ms at the earliest. `hint`: it looks as if the app or the
   * server were set up wrongly. Trying goes on slowly, and the engine tells the error as a `diagnostic`.
   */
  | { readonly type: 'unavailable'; readonly error: AuthError; readonly hint?: boolean }
  /** Somebody else is refreshing this session right now (409): read storage again, then retry. */
  | { readonly type: 'conflict'; readonly error: AuthError }
  /** The person must do something first (step-up, captcha): stop trying and tell the app. */
  | { readonly type: 'interaction_required'; readonly error: AuthError }

export interface BackendContext {
  /** Aborts when the time limit is up or the engine is disposed. */
  readonly signal: AbortSignal
  /** Raw `fetch`: not the app's axios, so no interceptor can call itself. */
  readonly fetch: typeof globalThis.fetch
  /** The page's address, to resolve relative URLs against; null where there is no page. */
  readonly pageUrl: string | null
  /** In ms since 1970, device clock. */
  readonly now: number
}

/** Which of the user's sessions to end: this one, all, or all but this one. */
export type SignOutScope = 'local' | 'global' | 'others'

export interface SessionTokens {
  readonly accessToken: string | null
  readonly refreshToken: string | null
}

/** Speaks to the auth server. Knows nothing of storage, tabs or time. */
export interface Backend<User = unknown, Credentials = unknown> {
  /** Default: both tokens are visible to scripts. */
  readonly kind?: SessionKind
  /**
   * Where the server is; relative to the page. Its origin names the back end that a session belongs to, unless
   * {@link AuthOptions.backendName} does. Default: the page's own.
   */
  readonly baseUrl?: string
  /**
   * Share of a session's life (above 0, below 1) after which it is renewed of itself, where sessions slide with their use; unless
   * the app says otherwise by {@link AuthOptions.refreshMargin}. Default: before its end only.
   */
  readonly renewAfter?: number
  /** Throws an {@link AuthError}: `credentials_rejected` or `unavailable`. */
  signIn(credentials: Credentials, context: BackendContext): Promise<TokenAnswer<User>>
  /** `refreshToken` is null only where the session's kind has none that scripts see. */
  refresh(tokens: SessionTokens, context: BackendContext): Promise<RefreshOutcome<User>>
  /**
   * Ends the session on the server. Its failure does not keep anybody signed in. `accessToken` is null when it has expired.
   * Resolves with false if the server was not told, for want of an endpoint.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most backends resolve with nothing
  signOut(tokens: SessionTokens, scope: SignOutScope, context: BackendContext): Promise<void | false>
  /**
   * Who is signed in. Called when no token answer and no stored record told, by `auth.reloadUser()`, and before a 401 ends
   * a session that cannot be renewed. null: it cannot tell. Throws an {@link AuthError} `rejected` if the server refuses the
   * access token. `accessToken` is null where scripts see none. Ask with `context.fetch`: where scripts see no access token, a
   * request of the app's own client waits until whoever signs in is known.
   */
  getUser?(accessToken: string | null, context: BackendContext): Promise<User | null | undefined>
}

// ---- Storage -------------------------------------------------------------------------------------------------------

/** What must survive a reload beside the tokens. Holds no token. Read back, it is checked: nothing in it is believed. */
export interface SessionRecord {
  /** Random; the same from sign-in to sign-out, in all tabs. */
  readonly id: string
  /** Which sign-in, or sign-out, is the later one: the greater number. From 1 to 2^52. Absent in records of 0.1.0. */
  readonly order?: number
  /** How often the session has been renewed: whoever has the greater number has the newer tokens. Absent in 0.1.0. */
  readonly version?: number
  /** Which back end made the session. Absent in records of 0.1.0. */
  readonly backend?: string | null
  /**
   * The session is over, and why: there are no tokens and no user beside it. It stays, so that a late tab does not bring
   * back what ended.
   */
  readonly over?: SignedOutReason
  /**
   * Beside `over`, where a cookie that scripts do not see holds the session: the server has not confirmed the sign-out. Nobody
   * is signed in, whatever the cookie holds, and the server is told again.
   */
  readonly pending?: SignOutScope
  /** When the access token arrived, in ms since 1970 by this device's clock. */
  readonly receivedAt: number
  /** When it runs out by this device's clock, in ms since 1970; null if unknown. */
  readonly expiresAt: number | null
  /** Server clock minus device clock in ms, as measured when the token arrived. */
  readonly skew: number
  /** Whose it is: the `sub` of the access token, where it tells; else the id of the user, where an answer told it. */
  readonly subject?: string | null
  /** As the backend told it; null if it did not. */
  readonly user: unknown
}

export interface StoredSession extends SessionTokens {
  /** null: lost, or unreadable. */
  readonly record: SessionRecord | null
  /**
   * False: the tokens are not those that the record was written with. A write was not finished, or somebody else wrote
   * them. Default: true.
   */
  readonly fits?: boolean
}

export interface WriteContext {
  /** The page came by https. */
  readonly secure: boolean
  /** In ms since 1970, device clock. */
  readonly now: number
  /** Tells the developer of something that works for now, as a `diagnostic`. */
  readonly warn: (error: AuthError) => void
}

/** A short note in the storage that tabs read who share the storage, but no locks: pages of several subdomains. */
export interface LeaseNote {
  read(): string | null
  /** `seconds`: after which the note is gone of itself. */
  write(text: string, seconds: number): void
}

/**
 * Where the session lives between page loads. Each operation may answer at once or by promise; only a storage that
 * answers at once gives the app its state in the first render.
 */
export interface AuthStorage {
  /**
   * Names what is stored, for the lock and the channel that the tabs share. Absent for a storage that other tabs cannot
   * see.
   */
  readonly key?: string
  /** Set where pages of other hosts share the storage: the parent domain. It names the back end, too. */
  readonly domain?: string
  /** Beside `domain`. */
  readonly lease?: LeaseNote
  /**
   * Whether the server has left a sign, which scripts can see, that there is a session beside what is stored. Asked where
   * scripts see no credential.
   */
  hint?(): boolean
  /** After how long (ms) what was written is gone of itself, as cookies are. Absent: never. */
  readonly lifetime?: number
  /** null when there is neither a token nor a record. Must not throw for unreadable data: that counts as absent. */
  read(): MaybePromise<StoredSession | null>
  /**
   * Replaces what is stored; after a sign-out by a record without tokens. Must write the refresh token before the access
   * token and the record last, and throw (or reject) if the result does not stick. A storage that answers by promise
   * replaces the whole at once.
   */
  write(session: StoredSession, context: WriteContext): MaybePromise<void>
}

// ---- Requests ------------------------------------------------------------------------------------------------------

/** The part of an HTTP answer that the request policy looks at. */
export interface Reply {
  readonly status: number
  /**
   * Whether the answer says that the access token is no longer good. Default: a 401 whose `WWW-Authenticate` does not say
   * `insufficient_scope` (RFC 6750 section 3.1).
   */
  readonly expired?: boolean | undefined
  /** The `WWW-Authenticate` header, where the adapter can read it. */
  readonly challenge?: string | null | undefined
  /** False: it tells that it is for another person than the one who is signed in. Looked at where scripts see no access token. */
  readonly own?: boolean | undefined
  /** The final address after redirects, where the adapter knows it. */
  readonly url?: string | null | undefined
}

/** What an adapter needs to send a request. */
export interface Sending {
  /** The access token to attach; null for none. */
  readonly token: string | null
  /** The address in full, as it was resolved when the request began. */
  readonly url: string
  /** Whether the address may see the token, or cookies and a CSRF header in its place. */
  readonly allowed: boolean
  /** What is left of the request's time limit in ms. */
  readonly timeout: number | undefined
  readonly fetch: typeof globalThis.fetch
}

/** Proves with each request that the access token is in the right hands (DPoP, RFC 9449). `keyturn/oauth` makes these. */
export interface RequestProof {
  /** The headers that carry the token and the proof. `url` in full. */
  sign(token: string, method: string, url: string): Promise<Readonly<Record<string, string>>>
  /** Takes note of an answer. True: it only wanted another proof, and the request is to be sent once more. */
  learn(url: string, status: number, header: (name: string) => string | null): Promise<boolean>
}

/** One request of an app, told in the terms that the request policy needs. Adapters make these. */
export interface Exchange<R extends Reply> {
  /** The address as the HTTP client will resolve it. Relative ones are resolved against the page. */
  readonly url: string
  /** URLs whose origins (scheme, host and port) may see the token; relative ones mean the page's own. */
  readonly origins: readonly string[]
  /** Send it bare: no token, no waiting, no refresh. */
  readonly skip?: boolean | undefined
  /** False when the body can be sent only once. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal | null | undefined
  /** The request's own time limit in ms, waiting for a token included; 0 or absent for none. */
  readonly timeout?: number | undefined
  /**
   * For whom the request was first sent, as {@link Exchange.began} told then, where somebody sends it again. It goes out
   * for them or not at all.
   */
  readonly identity?: string | undefined
  /** Called once, before the first sending, if somebody is signed in: for whom the request is. Holds no secret. */
  began?(identity: string): void
  /**
   * Sends the request. Called at most twice. Answers of any status are resolved; only a request without an answer rejects.
   */
  send(sending: Sending): Promise<R>
  /** Lets go of an answer that the caller will not see, so that its connection is freed. */
  discard?(reply: R): void
}

/** How an exchange ended. */
export interface Exchanged<R> {
  readonly reply: R
  /** For a 401 that is handed on: why it was not cured. */
  readonly error: AuthError | null
}

// ---- The engine ----------------------------------------------------------------------------------------------------

/** A look inside for developers and support. Redacted: no token, no user data. Times in ms since 1970, device clock. */
export interface AuthInspection {
  readonly status: AuthStatus
  /** The session's random id; equal in all tabs of one session. */
  readonly sessionId: string | null
  /** How often the session was renewed; 0 when there is none. */
  readonly version: number
  /** The back end that sessions are bound to. */
  readonly backend: string | null
  /** When the current access token arrived. */
  readonly receivedAt: number | null
  readonly expiresAt: number | null
  /** When the next refresh is due, of itself or as the next try after a failure; null when none is planned. */
  readonly nextRefreshAt: number | null
  readonly lastRefreshAt: number | null
  readonly lastRefreshBy: 'this_tab' | 'other_tab' | null
  readonly refreshing: boolean
  readonly lock: 'none' | 'waiting' | 'held'
  /** Attempts that failed since the last success. */
  readonly failures: number
  readonly lastError: { readonly code: string; readonly message: string } | null
  /** Server clock minus device clock in ms. */
  readonly skew: number
  /** False when the browser refused to store the session. */
  readonly persisted: boolean
}

export interface SignOutResult {
  /** Whether the server confirmed the end of the session. False for instance when offline. */
  readonly revoked: boolean
}

/**
 * The session engine: the only owner of the tokens and the only place that refreshes them. Made by `createAuth`; the
 * object is frozen and its functions need no `this`.
 */
export interface Auth<User = unknown, Credentials = unknown> {
  /** The current state. The same object until something in it changes. */
  readonly getState: () => AuthState<User>
  /** Calls `listener` after each change of state. Returns the way back. */
  readonly subscribe: (listener: () => void) => () => void
  /** Calls `listener` for each event of that name. Returns the way back. */
  readonly on: <Name extends keyof AuthEvents>(
    event: Name,
    listener: (payload: AuthEvents<User>[Name]) => void,
  ) => () => void
  /**
   * Resolves once the restore at start-up has come to an end: the session is known, there is none, or the server cannot
   * be reached (then `status` may still be `loading`). Never rejects.
   */
  readonly ready: Promise<AuthState<User>>
  /**
   * Signs in and stores the session. Resolves with the user.
   * @throws AuthError `credentials_rejected`, `unavailable`, `invalid_response`, or `session_changed` if a later
   * `signIn` or `signOut` overtook it. A session that was there before is untouched by a failure.
   */
  readonly signIn: (credentials: Credentials) => Promise<User>
  /**
   * Signs out at once, in all tabs, online or not; then asks the server to revoke the session, at most 5 s long.
   * `scope` (default `local`) says which of the user's sessions the server should end. `others` signs out only the
   * other devices. Never rejects for want of a server: see {@link SignOutResult.revoked}.
   */
  readonly signOut: (options?: {
    readonly scope?: SignOutScope
    /** Why, as all tabs will tell. `idle`: nobody used the app for too long. Default: `signed_out`. */
    readonly reason?: 'signed_out' | 'idle'
  }) => Promise<SignOutResult>
  /**
   * Signs in with tokens that came by another way: a registration, a callback, an old app's storage. All that holds for
   * `signIn` holds here.
   * @throws AuthError `invalid_response` if it is not a token answer; the session that was there is untouched then.
   * `session_changed` as for {@link Auth.signIn}.
   */
  adopt(answer: TokenAnswer<User>): Promise<User>
  /**
   * Asks the backend again who is signed in, and shows it in all tabs. Resolves with the user.
   * @throws AuthError `misconfigured` if the backend has no `getUser`; `unauthenticated`, `unavailable`, `rejected`,
   * `session_changed`.
   */
  readonly reloadUser: () => Promise<User>
  /**
   * Renews the session. Resolves once a renewal that began after this call is through, in whichever tab. Rarely needed: the
   * engine renews in time and on a 401 by itself.
   * @throws AuthError `unauthenticated`, `unavailable`, `rejected`, `interaction_required`, `session_changed`.
   */
  readonly refresh: () => Promise<void>
  /**
   * The access token; null when nobody is signed in, or scripts see none. It is renewed first when it has less than
   * `minLife` ms left (default: a tenth of its life, at most 10 s). It is fresh by the clock, not verified: only the server
   * can tell whether it is valid.
   * @throws AuthError as {@link Auth.refresh}, but not `unauthenticated`.
   */
  readonly getAccessToken: (options?: { readonly minLife?: number }) => Promise<string | null>
  /** Runs one request under the request policy. For adapters; apps use `attachAuth` or `createAuthFetch`. */
  readonly exchange: <R extends Reply>(exchange: Exchange<R>) => Promise<Exchanged<R>>
  /** Tells a developer's mistake as a `diagnostic`. For adapters. */
  readonly report: (error: AuthError) => void
  /** A redacted look inside. */
  readonly inspect: () => AuthInspection
  /** Ends all activity: no request, timer, listener, lock or write after it. Waiters reject with `disposed`. */
  readonly dispose: () => void
}

export interface AuthOptions<User = unknown, Credentials = unknown> {
  /** Speaks to your auth server; for instance `restBackend({ baseUrl: '/api' })`. */
  readonly backend: Backend<User, Credentials>
  /** Keeps the session; for instance `cookieStorage()`. */
  readonly storage: AuthStorage
  /**
   * How long before its expiry a token is renewed, in ms. Short-lived tokens are renewed when a third of their life is
   * left. Default: 300,000 (5 minutes).
   */
  readonly refreshMargin?: number
  /**
   * Asked when a session is due to be renewed of itself. While it says false, only requests and calls renew it. For
   * `watchIdle` of `keyturn/idle`. Default: always.
   */
  readonly renewWhile?: () => boolean
  /** Time limit of one call to the backend, in ms; at most 60,000. Default: 10,000. */
  readonly timeout?: number
  /**
   * Names the back end. A session is used only where it was made: what another back end's app left in the same cookies is
   * neither used nor deleted. Default: the `domain` of the storage, else the origin of the backend's `baseUrl`.
   */
  readonly backendName?: string
  /**
   * Whether to ask the server at the start where nothing is stored, but a cookie that scripts do not see may hold a session:
   * after a sign-in by redirect, for instance. `hint`: if the storage has a hint of one (`hintCookie`). `always`: yes; each
   * visitor costs a call. The state is `loading` meanwhile. Default: `hint`.
   */
  readonly restore?: 'hint' | 'always'
  /** Names that the back end had before: their sessions are taken over. @example ['https://old-api.example.com'] */
  readonly formerly?: readonly string[]
}
