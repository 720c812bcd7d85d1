import { setTimeout as sleep } from 'node:timers/promises'
import { askApi, askCors, askExpired, askSignOut } from './ask-access.ts'
import { askSecondUse, askTogether, askWrongTokens, unclear, type Ward } from './ask-refresh.ts'
import type { Client } from './client.ts'
import { says } from './client.ts'
import { findKind, speakAs } from './find-kind.ts'
import type { Findings } from './findings.ts'
import { describeCookie } from './jar.ts'
import type { Settings } from './settings.ts'
import { type Credentials, createSpeak } from './speak.ts'

/** s beyond the end of a token: servers allow for clocks that differ. */
const AFTER = 1.5

/**
 * Asks everything, one step after the other, and writes into `found` what it sees: who stops it half-way has the rest.
 * `say`: told before each step what it will spend.
 * @throws Stopped at a rate limit, a lock-out, a sign-in that fails, or a server that is not reached.
 */
export async function examine(
  settings: Settings,
  credentials: Credentials,
  client: Client,
  found: Partial<Findings>,
  say: (line: string) => void,
): Promise<void> {
  const asTold = createSpeak(settings, client, credentials)
  let step = 0
  const announce = (what: string, spends: string) => say(`${++step}. ${what}: ${spends}.`)

  announce('Signing in', '1 sign-in, some calls to the API, 1 or 2 refreshes')
  const signedIn = await asTold.signIn()
  const { told, answer, held } = signedIn
  const seen = await findKind(asTold, settings, signedIn)
  const { kind, apiCookies, renewed, late } = seen
  const speak = speakAs(asTold, seen)
  const visible = kind.access === 'token'
  // Where the sign-in does not tell, a refresh may.
  const life = told.life ?? renewed?.told.life ?? null
  Object.assign(found, {
    kind,
    apiCookies,
    accessAt: visible ? ((late && renewed ? renewed.told : told).access?.at ?? null) : null,
    refreshAt: kind.refresh === 'token' ? (told.refresh?.at ?? null) : null,
    redirected: answer.status > 299,
    userAt: told.userAt,
    life,
    cookies: held.jar
      .all()
      .map(describeCookie)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  } satisfies Partial<Findings>)
  const ward: Ward = {
    speak,
    kind,
    apiCookies,
    csrfCookie: settings.csrf?.cookie ?? null,
    seconds: life?.seconds ?? null,
    safe: client.safe,
    sleep: (ms) => sleep(Math.max(ms, 0)),
  }

  announce('CORS', '2 preflights')
  found.cors = await askCors(settings, client)

  if (kind.refresh === 'none') found.refresh = null
  else {
    announce(
      'A refresh token used twice',
      '1 sign-in, 3 refreshes, and if the second use is forgiven up to 6 more in 30 s',
    )
    const { second, refusal, renewed } = await askSecondUse(ward)
    announce('Refreshes at the same time', '1 sign-in, 6 refreshes, 5 of them at once')
    const together = await askTogether(ward)
    announce('Refresh tokens that are none', '1 sign-in, 2 refreshes')
    const { malformed, missing } = await askWrongTokens(ward)
    found.accessAtRefresh = visible ? (renewed.told.access?.at ?? null) : null
    found.life ??= renewed.told.life
    found.refresh = {
      ...second,
      secondUse: second.secondUse && client.safe(second.secondUse),
      ...together,
      malformed: client.safe(says(malformed.answer)),
      missing: client.safe(says(missing.answer)),
      unclear: unclear(ward, [refusal, malformed.answer, kind.refresh === 'token' ? null : missing.answer]),
    }
  }

  announce('Access tokens that are none', '1 sign-in, 2 calls to the API')
  found.api = await askApi(ward)

  if (settings.signOut) {
    announce('Signing out', '1 sign-in, which is ended, 1 refresh')
    found.signOut = await askSignOut(ward)
  } else found.signOut = null

  const seconds = found.life?.seconds
  if (seconds === undefined) found.notExpired = 'not asked: no answer tells when it runs out'
  else if (seconds + AFTER > settings.wait)
    found.notExpired = `not asked: it lives for ${Math.round(seconds)} s, --wait ${Math.ceil(seconds + AFTER)}`
  else {
    announce(
      'Access tokens that have run out',
      `2 sign-ins, ${Math.ceil(seconds + AFTER)} s of waiting${settings.signOut ? ', 1 sign-out, 1 refresh' : ''}`,
    )
    const one = (await speak.signIn()).held
    const other = (await speak.signIn()).held
    await ward.sleep((seconds + AFTER) * 1000)
    found.expired = await askExpired(ward, one, other, settings.signOut !== null)
  }
  found.retryAfter = client.retryAfter()
  found.clock = client.clock()
}
