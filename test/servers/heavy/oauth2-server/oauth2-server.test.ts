import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { facts } from './facts.ts'
import { oauth2Server } from './server.ts'

checkFacts(oauth2Server, facts, { page: 'other' })

suite({
  server: oauth2Server,
  auth: new URL('auth.ts', import.meta.url),
  method: 'POST',
  wrongPassword: /user credentials are invalid/,
})
