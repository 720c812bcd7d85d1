import { suite } from '../suite/suite.ts'
import { httpOnlyScenarios } from './refresh-cookie/scenarios.ts'
import { refreshCookie } from './refresh-cookie/server.ts'

suite({
  server: refreshCookie,
  auth: new URL('refresh-cookie/auth.ts', import.meta.url),
  page: 'other',
  method: 'POST',
  wrongPassword: /Wrong e-mail address or password/,
})

httpOnlyScenarios()
