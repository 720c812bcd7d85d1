import { AuthError, type AuthErrorCode } from './errors.ts'
import type { Kit } from './kit.ts'
import { within } from './limits.ts'
import { MIN_INTERVAL, type Refresher } from './refresh.ts'
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

/**
 * @param ready settles when the session has been restored; null once that is over
 * @param poke renews in the background if that is due
 */
export function createExchange(
  kit: Kit,
  refresher: Refresher,
  ready: () => Promise<unknown> | null,
  poke: () => void,
): Auth['exchange'] {
  const { ports, session, identity } = kit
  const { clock } = ports
  const known = new Map<string, string | null>()
  let refused: readonly [token: string, at: number] | undefined

  const originOf = (url: string) => {
    try {
      const { origin } = new URL(url, ports.page?.href())
      return origin === 'null' ? null : origin
    } catch {
      return null
    }
  }
  const allowed = (url: string, origins: readonly string[]) => {
    const origin = originOf(url)
    return origins.some((entry) => {
      if (!known.has(entry)) known.set(entry, originOf(entry))
      return origin && origin === known.get(entry)
    })
  }

  return <R extends Reply>(exchange: Exchange<R>): Promise<Exchanged<R>> => {
    const { url, origins, timeout = 0, signal } = exchange
    const start = clock.now()
    const who = identity()
    let renewed = false

    // What is left of the time limit. At least 1 ms: 0 would mean none.
    const left = () => timeout && Math.min(Math.max(timeout + start - clock.now(), 1), timeout)
    const send = (token: string | null) => exchange.send(token, left(), ports.fetch)
    const pass = (reply: R, error: AuthError | null = null): Exchanged<R> => ({ reply, error })

    /** Waits no longer than the request may. */
    const wait = (promise: Promise<unknown>) => {
      const own = left() || WAIT_LIMIT
      const late = () =>
        Promise.reject(
          own < WAIT_LIMIT ? new AuthError('timeout', `timeout of ${timeout}ms exceeded`) : tooLate(refresher),
        )
      return within(clock, promise, Math.min(own, WAIT_LIMIT), late, signal)
    }

    const answered = async (reply: R, used: string | null, repeated?: boolean): Promise<Exchanged<R>> => {
      // A 403, or insufficient_scope (RFC 6750 section 3.1), means "not allowed": a new token would change nothing.
      if (reply.status !== 401 || !used || reply.challenge?.includes('insufficient_scope')) return pass(reply)
      if (reply.url && !allowed(reply.url, origins)) return pass(reply)
      const current = session()?.accessToken ?? null
      const now = clock.now()
      const verdict = judge({
        used,
        current,
        switched: who.aborted,
        repeated: !!repeated,
        renewed,
        futile:
          Math.abs(now - refresher.renewedAt) < MIN_INTERVAL ||
          (refused?.[0] === current && Math.abs(now - refused[1]) < COOL_DOWN),
        repeatable: exchange.repeatable,
      })
      if (verdict === 'refresh') {
        renewed = true
        try {
          await wait(refresher.run())
        } catch (error) {
          // Its own time limit or signal ends the request; everything else leaves it its own 401.
          if (signal?.aborted || (error as AuthError).code === 'timeout') throw error
          return pass(reply, error as AuthError)
        }
        return answered(reply, used, repeated)
      }
      if (verdict === 'repeat') {
        exchange.discard?.(reply)
        return answered(await send(current), current, true)
      }
      const error = new AuthError(verdict, WHY[verdict] ?? verdict)
      if (verdict === 'token_refused' && current && refused?.[0] !== current) {
        refused = [current, now]
        kit.emit('diagnostic', { error })
      }
      return pass(reply, error)
    }

    const waitAndSend = async () => {
      await wait(Promise.resolve(ready()))
      if (session() && isExpired(session(), clock.now())) {
        renewed = true
        await wait(refresher.run())
      }
      who.throwIfAborted()
      const token = session()?.accessToken ?? null
      return answered(await send(token), token)
    }

    if (exchange.skip || !allowed(url, origins)) return send(null).then((reply) => pass(reply))
    if (ready() || kit.life.aborted || (session() && isExpired(session(), start))) return waitAndSend()
    poke()
    const token = session()?.accessToken ?? null
    return send(token).then((reply) => answered(reply, token))
  }
}

export const tooLate = ({ error }: Refresher): AuthError =>
  error ?? new AuthError('unavailable', 'No new token could be had in time.')
