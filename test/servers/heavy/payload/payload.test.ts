import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { facts } from './facts.ts'
import { payload } from './server.ts'

checkFacts(payload, facts, { page: 'other', serial: true })

suite({
  server: payload,
  auth: new URL('auth.ts', import.meta.url),
  page: 'other',
  serial: true,
  wrongPassword: /email or password provided is incorrect/,
})
