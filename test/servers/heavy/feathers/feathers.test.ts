import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { facts } from './facts.ts'
import { feathers } from './server.ts'

checkFacts(feathers, facts, { page: 'other' })

suite({
  server: feathers,
  auth: new URL('auth.ts', import.meta.url),
  page: 'other',
  wrongPassword: /Invalid login/,
})
