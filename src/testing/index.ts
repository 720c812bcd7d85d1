// The testing entry: what an app needs to test itself against a session that expires, rotates and fails on command.
export { createFakeClock, type FakeClock, type FakeClockOptions } from './fake-clock.ts'
export type { FakeProcess, SteadyClock } from './fake-process.ts'
export { createFakeBrowser, type FakeBrowser, type FakeBrowserOptions, type FakeTab } from './fake-tabs.ts'
export * from './mock-auth/index.ts'
