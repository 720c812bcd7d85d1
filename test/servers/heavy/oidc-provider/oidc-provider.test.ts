import { checkFacts } from '../../harness/check-facts.ts'
import { facts } from './facts.ts'
import { oidcProvider } from './server.ts'

checkFacts(oidcProvider, facts, { page: 'other' })
