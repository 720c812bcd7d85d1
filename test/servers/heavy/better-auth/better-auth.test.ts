import { checkFacts } from '../../harness/check-facts.ts'
import { suite } from '../../suite/suite.ts'
import { bearerFacts, cookieFacts, jwtFacts } from './facts.ts'
import { betterAuthBearer, betterAuthCookie, betterAuthJwt } from './server.ts'

checkFacts(betterAuthBearer, bearerFacts)
checkFacts(betterAuthCookie, cookieFacts)
checkFacts(betterAuthJwt, jwtFacts)

const wrongPassword = /Invalid email or password/
suite({ server: betterAuthBearer, auth: new URL('auth-bearer.ts', import.meta.url), wrongPassword })
suite({ server: betterAuthCookie, auth: new URL('auth-cookie.ts', import.meta.url), wrongPassword })
suite({
  server: betterAuthJwt,
  auth: new URL('auth-jwt.ts', import.meta.url),
  echo: '/jwt/echo',
  wrongPassword,
  // The sign-in gives a cookie, and the first refresh the token.
  refreshesBefore: () => 1,
})
