import { checkFacts } from '../../harness/check-facts.ts'
import { facts } from './facts.ts'
import { payload } from './server.ts'

checkFacts(payload, facts, { page: 'other', serial: true })
