import { checkFacts } from '../../harness/check-facts.ts'
import { facts } from './facts.ts'
import { directus } from './server.ts'

checkFacts(directus, facts, { page: 'other' })
