import { checkFacts } from '../harness/check-facts.ts'
import { facts as bodyTokensFacts } from './body-tokens/facts.ts'
import { bodyTokens } from './body-tokens/server.ts'
import { facts as bothCookiesFacts } from './both-cookies/facts.ts'
import { bothCookies } from './both-cookies/server.ts'
import type { Fault } from './refresh-cookie/app.ts'
import { faultyFacts, facts as refreshCookieFacts } from './refresh-cookie/facts.ts'
import { refreshCookie, refreshCookieWith } from './refresh-cookie/server.ts'
import { facts as sessionBffFacts } from './session-bff/facts.ts'
import { sessionBff } from './session-bff/server.ts'

checkFacts(bodyTokens, bodyTokensFacts, { page: 'other' })
checkFacts(refreshCookie, refreshCookieFacts, { page: 'other' })
checkFacts(bothCookies, bothCookiesFacts)
checkFacts(sessionBff, sessionBffFacts)

// What must be found by whoever asks a server what it does.
for (const [fault, facts] of Object.entries(faultyFacts))
  checkFacts(refreshCookieWith(fault as Fault), facts, { page: 'other' })
