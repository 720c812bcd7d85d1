// The entry for sessions that a browser keeps: `keyturn/web-session`. Playwright is handed in, never imported.
export { type AdminOptions, adminHandler } from './admin/handler.ts'
export type { AdminStatus } from './admin/status.ts'
export type { StateFacts } from './browser-state.ts'
export type { BrowserLike, ContextLike, Launch, PageLike, StateCookie, StorageState } from './browser-types.ts'
export type { CaptureOptions } from './capture.ts'
export {
  createWebSession,
  type WebSession,
  type WebSessionFacts,
  type WebSessionOptions,
} from './create-web-session.ts'
export { onToken, writeEnv } from './env-file.ts'
export type { SignInLimits } from './sign-in-gate.ts'
export type { Seen, SignInContext, SiteCredentials, SiteOptions } from './site.ts'
export type { Arrival } from './site-backend.ts'
export { stepOf, totpCode } from './totp.ts'
