import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { facts } from './facts.ts'
import { directus } from './server.ts'

checkFacts(directus, facts, { page: 'other' })

suite({
  server: directus,
  auth: new URL('auth.ts', import.meta.url),
  page: 'other',
  echo: '/users/me',
  wrongPassword: /Invalid user credentials/,
})
