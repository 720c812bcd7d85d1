// The testing entry: what an app needs to test itself against a session that expires, rotates and fails on command.

export * from './auth-server/index.ts'
export { createFakeClock, type FakeClock, type FakeClockOptions } from './browser/fake-clock.ts'
export type { FakeProcess, SteadyClock } from './browser/fake-process.ts'
export { createFakeBrowser, type FakeBrowser, type FakeBrowserOptions, type FakeTab } from './browser/fake-tabs.ts'
export { createFakeSite, type FakeSite, type FakeSiteOptions } from './site/create-fake-site.ts'
export { createTestAuth, resetAuth, type TestAuth, type TestAuthOptions } from './test-auth/create-test-auth.ts'
export { type AuthMatchers, authMatchers } from './test-auth/matchers.ts'
