import { AuthError, type AuthErrorCode } from './errors.ts'
import type { Kit } from './kit.ts'
import { within } from './limits.ts'
import type { Refresher } from './refresh.ts'
import { judge } from './request-policy.ts'
import { isExpired } from './session.ts'
import type { Auth, Exchange, Exchanged, Reply } from './types.ts'

/** How long (ms) anybody waits for a token. Longer than one call to the backend may last. */
export const WAIT_LIMIT = 14_000
/** After a renewed token was refused, 401s do not refresh again for this long (ms). */
const COOL_DOWN = 30_000

const WHY: Partial<Record<AuthErrorCode, string>> = {
  session_changed: 'Somebody signed in or out after this request began.',
  token_refused: 'The server refuses a token that was renewed a moment ago.',
  not_repeatable: 'A stream cannot be sent twice. The session has been renewed: send the request again.',
}

export const tooLate = ({ error }: Refresher): AuthError =>
  error ?? new AuthError('unavailable', 'No new token could be had in time.')

/**
 * @param ready settles when the session has been restored; null once that is over
 * @param poke renews in the background if that is due
 */
export function createExchange(
  { ports, session, identity, emit }: Kit,
  refresher: Refresher,
  ready: () => Promise<unknown> | null,
  poke: () => void,
): Auth['exchange'] {
  const { clock, page, fetch } = ports
  const token = () => session()?.accessToken ?? null
  let refused: readonly [token: string | null, at: number] | undefined

  const originOf = (url: string, base?: string) => {
    try {
      const { origin } = new URL(url, base)
      return origin === 'null' ? null : origin
    } catch {
      return null
    }
  }

  return <R extends Reply>(exchange: Exchange<R>): Promise<Exchanged<R>> => {
    const { timeout = 0, signal } = exchange
    const start = clock.now()
    const who = identity()
    let renewed = false

    const allowed = (url: string) => {
      const origin = originOf(url, page?.base())
      return origin && exchange.origins.some((entry) => originOf(entry, page?.href()) === origin)
    }
    const pass = (reply: R, error: AuthError | null = null): Exchanged<R> => ({ reply, error })
    // What is left of the time limit. At least 1 ms: 0 would mean none.
    const left = () => timeout && Math.min(Math.max(timeout + start - clock.now(), 1), timeout)
    const send = async (used: string | null, repeated?: boolean) =>
      answered(await exchange.send(used, left(), fetch), used, repeated)

    /** Waits for a new token, no longer than the request may. What is waited for ends by itself on dispose(). */
    const wait = (promise: Promise<unknown>) => {
      const own = left() || Infinity
      return within(
        clock,
        promise,
        Math.min(own, WAIT_LIMIT),
        () => {
          throw own < WAIT_LIMIT ? new AuthError('timeout', `timeout of ${timeout}ms exceeded`) : tooLate(refresher)
        },
        signal,
      )
    }
    const renew = () => {
      renewed = true
      return wait(refresher.run())
    }

    const answered = async (reply: R, used: string | null, repeated = false): Promise<Exchanged<R>> => {
      const { status, url, challenge } = reply
      // A 403, or insufficient_scope (RFC 6750 section 3.1), means "not allowed": a new token would change nothing.
      if (status !== 401 || !used || challenge?.includes('insufficient_scope') || (url && !allowed(url)))
        return pass(reply)
      const decide = () => {
        const current = token()
        const futile =
          refresher.youth() > 0 || (refused?.[0] === current && Math.abs(clock.now() - refused[1]) < COOL_DOWN)
        const { repeatable } = exchange
        return judge({ used, current, switched: who.aborted, repeated, renewed, futile, repeatable })
      }
      let verdict = decide()
      if (verdict === 'refresh') {
        try {
          await renew()
        } catch (error) {
          // Its own time limit or signal ends the request; everything else leaves it its own 401.
          if (signal?.aborted || (error as AuthError).code === 'timeout') throw error
          return pass(reply, error as AuthError)
        }
        verdict = decide()
      }
      if (verdict === 'repeat') {
        exchange.discard?.(reply)
        return send(token(), true)
      }
      const code = verdict as AuthErrorCode
      const error = new AuthError(code, WHY[code] ?? code)
      if (code === 'token_refused' && refused?.[0] !== token()) {
        refused = [token(), clock.now()]
        emit('diagnostic', { error })
      }
      return pass(reply, error)
    }

    const waitAndSend = async () => {
      await wait(Promise.resolve(ready()))
      who.throwIfAborted()
      if (session() && isExpired(session(), clock.now())) await renew()
      who.throwIfAborted()
      return send(token())
    }

    if (exchange.skip || !allowed(exchange.url)) return send(null)
    // Only dispose() leaves the identity of now aborted.
    if (ready() || who.aborted || (session() && isExpired(session(), start))) return waitAndSend()
    poke()
    return send(token())
  }
}
