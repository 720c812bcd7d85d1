import type { Findings } from './findings.ts'

/** Longer than that (s) an access token that was stolen is good for nobody. */
const HOUR = 3600
const DAY = 86_400
const CLOCK = 30

/** What should be mended on the server, the gravest first: what is wrong, why, and what is right. */
export function toMend(found: Partial<Findings>): readonly string[] {
  const { kind, refresh, signOut, expired, life, cors, cookies = [], api, clock, notExpired } = found
  const lines: string[] = []
  const has = kind?.refresh === 'token' || kind?.refresh === 'cookie'

  if (cors?.credentials && cors.stranger === '*')
    lines.push(
      'CORS says * with credentials: browsers refuse every call with a cookie. Answer the origin of your page, and Vary: Origin.',
    )
  else if (cors?.credentials && cors.stranger === 'the same')
    lines.push(
      'CORS lets any origin in with cookies: every site can act as who is signed in. Answer the origins of your pages only.',
    )
  if (cors?.page === "the page's" || (cors?.credentials && cors.page === null && cors.stranger !== null))
    lines.push('CORS does not name the origin of the page: the browser will keep the answers from it.')

  if (has && refresh && !refresh.rotates)
    lines.push(
      'The refresh token is the same for ever: who has copied it stays signed in, unseen. Replace it at each refresh (RFC 9700 section 4.14.2).',
    )
  if (refresh?.rotates && refresh.refusedAt !== null && refresh.survivesSecondUse)
    lines.push(
      'A refresh token that is used again is refused, but its session goes on: a thief who was faster stays in. End the whole session (RFC 9700 section 4.14.2).',
    )
  if (refresh?.parallel === 'race')
    lines.push(
      'Of refreshes at the same time several are answered, and some of the new tokens are dead: take the old token and write the new one in one transaction.',
    )
  for (const refusal of refresh?.unclear ?? [])
    lines.push(
      `A dead refresh token gets "${refusal}", which does not say so: answer 401, or 400 with the error invalid_grant.`,
    )

  if (signOut?.endsRefresh === false)
    lines.push('Signing out leaves the refresh token alive: who has copied it stays in. Revoke it on the server.')
  else if (expired?.endsRefresh === false)
    lines.push(
      'Signing out with an expired access token ends nothing: know the session by its refresh token, and let an expired access token pass there.',
    )

  if (life?.unit === 'ms' && !life.point)
    lines.push(`${life.at} is in ms; clients read s (RFC 6749 section 5.1). The auth.ts above divides it.`)
  if (life && kind?.access === 'token' && life.seconds > DAY)
    lines.push(
      `An access token lives for ${Math.round(life.seconds / DAY)} days. Minutes are usual, for it cannot be taken back.`,
    )
  else if (life && kind?.access === 'token' && has && life.seconds > HOUR)
    lines.push(
      `An access token lives for ${Math.round(life.seconds / HOUR)} hours. Minutes are usual, for it cannot be taken back.`,
    )

  for (const [name, what] of cookies) {
    const session = kind?.access === 'cookie' ? found.apiCookies?.includes(name) : kind?.refresh === 'cookie'
    if (session && !/HttpOnly/.test(what))
      lines.push(`Cookie ${name} opens the session and is not HttpOnly: every script of the page can read it.`)
    if (/SameSite=None/i.test(what) && !/Secure/.test(what))
      lines.push(`Cookie ${name} is SameSite=None without Secure: browsers drop it.`)
  }

  const refusals = [api?.malformed, api?.missing, expired?.api].filter((text) => text !== undefined)
  if (refusals.some((text) => /^5/.test(text)))
    lines.push('The API answers 5xx to a token that it does not accept. Answer 401: a client takes 5xx for an outage.')
  else if (refusals.some((text) => /^403/.test(text)))
    lines.push(
      'The API answers 403 to a token that it does not accept. Answer 401 (RFC 6750 section 3.1); the auth.ts above takes 403 for it too.',
    )
  if (typeof clock === 'number' && Math.abs(clock) > CLOCK)
    lines.push(
      `The clock of the server is ${Math.abs(clock)} s ${clock > 0 ? 'ahead' : 'behind'}, or this machine's is wrong.`,
    )
  if (life === null && notExpired !== undefined && kind?.refresh !== 'none')
    lines.push(
      'No answer tells how long an access token lives, so it is renewed only when it is refused. Tell expires_in, in s.',
    )
  return lines
}
