// The entry for Playwright's own test runner. It brings nothing of the mock server along.

export type { CookieStorageOptions } from '../../storage/cookie-options.ts'
export { type SessionOption, type SessionWorker, type WithSessionOptions, withSession } from './with-session.ts'
