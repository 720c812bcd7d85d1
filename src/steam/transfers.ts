import { randomBytes } from 'node:crypto'
import { type HttpAnswer, send } from '../backends/http.ts'
import { AuthError, isAuthError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { BackendContext } from '../core/types.ts'
import { type Jar, LOGIN, readCookies, type SteamCookie, withSessionId } from './jar.ts'
import { type Failed, failure, OK, unusable } from './results.ts'

const LOGIN_HOST = 'login.steampowered.com'
const FINALIZE = `https://${LOGIN_HOST}/jwt/finalizelogin`
const ATTEMPTS = 5
const GAP = 500

/** What Steam's own pages send; without the first two it refuses since February 2025. */
const AS_A_PAGE = {
  Origin: 'https://steamcommunity.com',
  Referer: 'https://steamcommunity.com/',
  Accept: 'application/json, text/plain, */*',
  'Sec-Fetch-Site': 'cross-site',
  'Sec-Fetch-Mode': 'cors',
  'Sec-Fetch-Dest': 'empty',
}

export const newSessionId = (): string => randomBytes(12).toString('hex')

interface Transfer {
  readonly url: string
  readonly params: Readonly<Record<string, unknown>>
}

/**
 * Cookies from a refresh token: one `finalizelogin`, then a POST to each address that it names. Each Steam domain has had a
 * cookie of its own since January 2024, so all of them count, and one that fails for good fails the whole.
 * @throws AuthError `unavailable`
 */
export async function transferLogin(
  refreshToken: string,
  steamId: string,
  context: BackendContext,
  clock: Clock,
): Promise<Jar | Failed> {
  const sessionId = newSessionId()
  const form = formOf({
    nonce: refreshToken,
    sessionid: sessionId,
    redir: 'https://steamcommunity.com/login/home/?goto=',
  })
  const answer = await send({ method: 'POST', url: FINALIZE, headers: AS_A_PAGE, body: form }, context)
  const { json, call } = answer
  if (typeof json.error === 'number' && json.error !== OK) return failure(call, json.error)
  const transfers = readTransfers(json.transfer_info)
  if (!answer.ok || !transfers) return unusable(call, answer, answer.ok ? ' without transfer_info' : '')
  const cookies = await Promise.all(transfers.map((transfer) => run(transfer, steamId, context, clock)))
  return withSessionId([...readCookies(answer.headers, FINALIZE), ...cookies.flat()], sessionId, LOGIN_HOST)
}

function formOf(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value))
  return form
}

/** Where to is Steam's affair; that nothing leaves unencrypted is ours. */
function readTransfers(list: unknown): Transfer[] | null {
  if (!Array.isArray(list) || !list.length) return null
  const good = list.every(
    (entry) => typeof entry?.url === 'string' && /^https:/.test(entry.url) && entry.params instanceof Object,
  )
  return good ? list : null
}

async function run(
  { url, params }: Transfer,
  steamId: string,
  context: BackendContext,
  clock: Clock,
): Promise<SteamCookie[]> {
  let last: unknown
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt) await pause(clock, GAP)
    context.signal.throwIfAborted()
    try {
      const form = formOf({ steamID: steamId, ...params })
      const answer = await send({ method: 'POST', url, headers: AS_A_PAGE, body: form }, context)
      const cookies = readCookies(answer.headers, url)
      if (worked(answer) && cookies.some(({ name }) => name === LOGIN)) return cookies
      last = unusable(answer.call, answer, ` and set no ${LOGIN}`).error
    } catch (error) {
      last = error
    }
  }
  throw isAuthError(last) ? last : new AuthError('unavailable', 'A transfer of Steam failed.', { cause: last })
}

const worked = ({ status, json }: HttpAnswer): boolean =>
  status < 400 && (json.result === undefined || json.result === OK)

const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms))
