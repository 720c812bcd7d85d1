import { checkFacts } from '../harness/check-facts.ts'
import type { Facts } from '../harness/facts.ts'
import { facts as bodyTokensFacts } from './body-tokens/facts.ts'
import { bodyTokens } from './body-tokens/server.ts'
import { facts as bothCookiesFacts } from './both-cookies/facts.ts'
import { bothCookies } from './both-cookies/server.ts'
import type { Fault } from './refresh-cookie/app.ts'
import { faultyFacts, facts as refreshCookieFacts } from './refresh-cookie/facts.ts'
import { refreshCookie, refreshCookieWith } from './refresh-cookie/server.ts'
import { facts as sessionBffFacts } from './session-bff/facts.ts'
import { sessionBff } from './session-bff/server.ts'

const authOf = (folder: string) => new URL(`${folder}/auth.ts`, import.meta.url)

checkFacts(bodyTokens, bodyTokensFacts, {
  page: 'other',
  auth: authOf('body-tokens'),
  toMend: [/used again is refused, but its session goes on/, /403 to a token/],
})
checkFacts(refreshCookie, refreshCookieFacts, { page: 'other', auth: authOf('refresh-cookie'), toMend: [] })
checkFacts(bothCookies, bothCookiesFacts, { auth: authOf('both-cookies'), toMend: [] })
checkFacts(sessionBff, sessionBffFacts, { auth: authOf('session-bff'), toMend: [] })

/** What must be found by whoever asks a server what it does, and what the doctor says of it. */
const SAID: Record<Fault, readonly RegExp[]> = {
  'no rotation': [/the same for ever/],
  'family not ended': [/used again is refused, but its session goes on/],
  'no revocation': [/Signing out leaves the refresh token alive/],
  'ms for s': [/expiresIn is in ms/],
  'wildcard CORS with credentials': [/\* with credentials/],
}

for (const [fault, facts] of Object.entries(faultyFacts) as [Fault, Facts][])
  checkFacts(refreshCookieWith(fault), facts, { page: 'other', toMend: SAID[fault] })
