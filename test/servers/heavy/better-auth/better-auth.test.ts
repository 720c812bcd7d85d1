import { checkFacts } from '../../harness/check-facts.ts'
import { bearerFacts, cookieFacts, jwtFacts } from './facts.ts'
import { betterAuthBearer, betterAuthCookie, betterAuthJwt } from './server.ts'

checkFacts(betterAuthBearer, bearerFacts)
checkFacts(betterAuthCookie, cookieFacts)
checkFacts(betterAuthJwt, jwtFacts)
