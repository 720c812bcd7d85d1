// The root entry. The adapters have entries of their own (`/axios`, `/fetch`, `/react`), so that this one needs neither
// axios nor React. Left out on purpose: the engine's parts, which are nobody's to rely on.
export { restBackend } from './backends/rest.ts'
export type {
  CallTokens,
  PasswordCredentials,
  RestBackendOptions,
  RestCall,
  RestField,
  RestPath,
} from './backends/rest-types.ts'
export { AuthError, type AuthErrorCode, type AuthErrorOptions, isAuthError } from './core/errors.ts'
export type {
  Channel,
  Clock,
  Lock,
  Page,
  Ports,
  Timer,
  TokenFacts,
  TraceRecord,
  TraceStep,
  WakeReason,
} from './core/ports.ts'
export type {
  Auth,
  AuthEvents,
  AuthInspection,
  AuthOptions,
  AuthState,
  AuthStatus,
  AuthStorage,
  Backend,
  BackendContext,
  Exchange,
  Exchanged,
  LeaseNote,
  MaybePromise,
  RefreshOutcome,
  Reply,
  RequestProof,
  Sending,
  SessionKind,
  SessionRecord,
  SessionTokens,
  SignedOutReason,
  SignOutResult,
  SignOutScope,
  StoredSession,
  TokenAnswer,
  WriteContext,
} from './core/types.ts'
export { createAuth } from './create-auth.ts'
export { cookieStorage } from './storage/cookie.ts'
export type { CookieStorageOptions } from './storage/cookie-options.ts'
export { memoryStorage } from './storage/memory.ts'
