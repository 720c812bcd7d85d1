import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { facts } from './facts.ts'
import { oidcProvider } from './server.ts'
import { signInByCode } from './sign-in.ts'

checkFacts(oidcProvider, facts, { page: 'other' })

suite({
  server: oidcProvider,
  auth: new URL('auth.ts', import.meta.url),
  page: 'other',
  echo: '/me',
  signIn: signInByCode,
})
