export { createMockAuth } from './create-mock-auth.ts'
export { type MswErrorSource, type MswHttp, mswHandlers } from './msw.ts'
export type {
  Fault,
  FaultTarget,
  LoggedRequest,
  MockAdmin,
  MockAuth,
  MockAuthOptions,
  MockCall,
  MockFaults,
  MockSession,
  MockUser,
  RefreshVerdict,
} from './types.ts'
