export type { MockAdmin, MockSession, MockSessionEnd } from './core/admin-types.ts'
export type {
  MockAuthOptions,
  MockPasswordPolicy,
  MockProfile,
  MockRateLimits,
  MockSigning,
  MockUser,
} from './core/options.ts'
export type {
  Fault,
  FaultTarget,
  LoggedRequest,
  MockAuth,
  MockCall,
  MockCaller,
  MockFaults,
  RefreshVerdict,
} from './core/types.ts'
export { createMockAuth } from './create-mock-auth.ts'
export { type MswErrorSource, type MswHttp, mswHandlers } from './msw.ts'
export type { MockAnswer, MockDialect, MockRestCall, MockRestUser } from './rest/dialect.ts'
