import { checkFacts } from '../../harness/check-facts.ts'
import { facts } from './facts.ts'
import { oauth2Server } from './server.ts'

checkFacts(oauth2Server, facts, { page: 'other' })
