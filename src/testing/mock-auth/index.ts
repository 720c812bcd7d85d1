export type { MockAdmin, MockSession, MockSessionEnd } from './admin-types.ts'
export { createMockAuth } from './create-mock-auth.ts'
export { type MswErrorSource, type MswHttp, mswHandlers } from './msw.ts'
export type {
  MockAuthOptions,
  MockPasswordPolicy,
  MockProfile,
  MockRateLimits,
  MockSigning,
  MockUser,
} from './options.ts'
export type { Fault, FaultTarget, LoggedRequest, MockAuth, MockCall, MockFaults, RefreshVerdict } from './types.ts'
