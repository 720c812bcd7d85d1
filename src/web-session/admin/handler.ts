import { isAuthError } from '../../core/errors.ts'
import type { MaybePromise } from '../../core/types.ts'
import type { Keeper, Run } from '../../node/keeper/types.ts'
import type { WebSession } from '../create-web-session.ts'
import { statusPage } from './page.ts'
import { statusOf } from './status.ts'

/** The longest body, in characters. */
const LONGEST = 10_000
/** The longest wait of `refresh-sync`, in s: many proxies give up after 60. */
const LONGEST_WAIT = 55

export interface AdminOptions {
  readonly session: Pick<WebSession, 'inspect' | 'setCredentials' | 'reset'>
  readonly keeper: Pick<Keeper, 'runNow' | 'status' | 'reset'>
  /** Who may. Default: nobody. A header that the caller writes himself, such as a user's id, proves nothing. */
  readonly authorize?: (request: Request) => MaybePromise<boolean>
  /** Where the routes are. Default: `/api/v1/admin/session`. */
  readonly path?: string
}

/**
 * The admin API of a kept session, from Request to Response:
 *
 * - `POST credentials` `{ username, password, totp_secret? }`: stores them sealed, and allows to try again.
 * - `POST refresh`: starts a renewal, or joins the one under way; 202 with its id.
 * - `POST refresh-sync?wait=30`: the same, and waits for its end (s); 200 with the result, or 202 when it takes longer.
 * - `GET refresh-status`: how it stands. No answer holds a secret.
 * - `GET` of the path itself: the same for people.
 * @example createServer(…) // or in a Hono, Next.js or Deno handler: return admin(request)
 */
export function adminHandler(options: AdminOptions): (request: Request) => Promise<Response> {
  const { session, keeper, authorize = () => false, path = '/api/v1/admin/session' } = options
  const renew = (wait: number): Promise<Run> => {
    // A person has asked for it: what failed before does not count.
    session.reset()
    return keeper.runNow({ wait })
  }
  const routes: Readonly<Record<string, (request: Request, url: URL) => MaybePromise<Response>>> = {
    async 'POST /credentials'(request) {
      const given = await readJson(request)
      if (!given) return problem(400, 'Send a JSON object: username, password, and if need be totp_secret.')
      const { username, password, totp_secret: totpSecret } = given as Record<string, string>
      const secret = totpSecret === undefined || totpSecret === null ? {} : { totpSecret }
      session.setCredentials({ username: username as string, password: password as string, ...secret })
      keeper.reset()
      return answer(200, statusOf(session, keeper))
    },
    'POST /refresh': async () => answer(202, shown(await renew(0))),
    async 'POST /refresh-sync'(_, url) {
      const seconds = Number(url.searchParams.get('wait') ?? 30)
      if (!(seconds >= 0)) return problem(400, 'wait must be a number of seconds.')
      const run = await renew(Math.min(seconds, LONGEST_WAIT) * 1000)
      return answer(run.endedAt === null ? 202 : 200, shown(run))
    },
    'GET /refresh-status': () => answer(200, statusOf(session, keeper)),
    'GET ': () => statusPage(statusOf(session, keeper)),
  }

  return async (request) => {
    const url = new URL(request.url)
    if (!(await allowed(request, authorize))) return problem(403, 'Not allowed.')
    const name = url.pathname.startsWith(path) ? url.pathname.slice(path.length).replace(/\/$/, '') : null
    const known = Object.keys(routes).filter((route) => name !== null && route.endsWith(` ${name}`))
    const route = routes[`${request.method} ${name}`]
    if (!route) return problem(known.length ? 405 : 404, known.length ? 'Another method.' : 'There is nothing here.')
    try {
      return await route(request, url)
    } catch (error) {
      if (isAuthError(error)) return problem(error.code === 'misconfigured' ? 400 : 503, error.message)
      throw error
    }
  }
}

async function allowed(request: Request, authorize: NonNullable<AdminOptions['authorize']>): Promise<boolean> {
  // Where the proof is a cookie, a page of somebody else must not be able to use it.
  if (/^(cross-site|same-site)$/.test(request.headers.get('sec-fetch-site') ?? '')) return false
  try {
    return (await authorize(request)) === true
  } catch {
    return false
  }
}

async function readJson(request: Request): Promise<object | null> {
  try {
    const text = await request.text()
    const value: unknown = text.length > LONGEST ? null : JSON.parse(text)
    return value instanceof Object ? value : null
  } catch {
    return null
  }
}

const answer = (status: number, body: object): Response =>
  Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } })
const problem = (status: number, message: string): Response => answer(status, { error: message })

const shown = ({ id, startedAt, endedAt, outcome, error }: Run): object => ({
  id,
  started_at: new Date(startedAt).toISOString(),
  ended_at: endedAt === null ? null : new Date(endedAt).toISOString(),
  outcome,
  error: error?.message ?? null,
})
