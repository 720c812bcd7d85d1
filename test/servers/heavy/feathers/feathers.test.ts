import { checkFacts } from '../../harness/check-facts.ts'
import { facts } from './facts.ts'
import { feathers } from './server.ts'

checkFacts(feathers, facts, { page: 'other' })
