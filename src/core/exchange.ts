import { AuthError, type AuthErrorCode } from './errors.ts'
import { within } from './limits.ts'
import type { Ports } from './ports.ts'
import { MIN_INTERVAL, type Refresher } from './refresh.ts'
import { judge } from './request-policy.ts'
import { isExpired } from './session.ts'
import type { Exchange, Exchanged, Reply } from './types.ts'
import type { Vault } from './vault.ts'

/** How long (ms) a request without a time limit of its own waits for a token. Longer than one call to the backend. */
export const WAIT_LIMIT = 14_000
/** After a renewed token was refused, 401s do not refresh again for this long (ms). */
const COOL_DOWN = 30_000

const WHY: Partial<Record<AuthErrorCode, string>> = {
  session_changed: 'Somebody signed in or out after this request began; it is not sent as another user.',
  token_refused: 'The server refuses a token that was renewed a moment ago; another refresh would not help.',
  not_repeatable: 'The body of this request was a stream, which cannot be sent twice. The session has been renewed.',
}
const because = (code: AuthErrorCode) => new AuthError(code, WHY[code] ?? code)

export interface ExchangeHost {
  readonly vault: Vault
  readonly ports: Ports
  readonly refresher: Refresher
  readonly life: AbortSignal
  /** Settles when storage has been read at start-up. */
  readonly restored: Promise<unknown>
  readonly restoring: () => boolean
  /** Renews in the background if that is due. */
  readonly poke: () => void
  readonly diagnose: (error: AuthError) => void
}

export function createExchange(host: ExchangeHost): <R extends Reply>(exchange: Exchange<R>) => Promise<Exchanged<R>> {
  const { vault, ports, refresher } = host
  const { clock } = ports
  const known = new Map<string, string | null>()
  let refused: { readonly token: string; readonly at: number } | undefined

  const originOf = (url: string): string | null => {
    try {
      const { origin } = new URL(url, ports.page?.href())
      return origin === 'null' ? null : origin
    } catch {
      return null
    }
  }
  const allowed = (url: string, origins: readonly string[]) => {
    const origin = originOf(url)
    return (
      !!origin &&
      origins.some((entry) => {
        if (!known.has(entry)) known.set(entry, originOf(entry))
        return known.get(entry) === origin
      })
    )
  }

  return <R extends Reply>(exchange: Exchange<R>): Promise<Exchanged<R>> => {
    const { timeout, origins } = exchange
    const start = clock.now()
    const epoch = vault.epoch
    let renewed = false

    // What is left of the time limit. At least 1 ms: 0 would mean none.
    const left = () => timeout && Math.min(Math.max(timeout - (clock.now() - start), 1), timeout)
    const send = (token: string | null) => exchange.send(token, left(), ports.fetch)
    const pass = (reply: R): Exchanged<R> => ({ reply, error: null })

    /** Waits no longer than the request may. */
    const wait = (promise: Promise<unknown>) => {
      const own = left()
      return within<unknown>(
        clock,
        promise,
        Math.min(own || WAIT_LIMIT, WAIT_LIMIT),
        () => {
          if (own && own <= WAIT_LIMIT)
            throw new AuthError('timeout', `timeout of ${timeout}ms exceeded while waiting for a token`)
          throw refresher.error ?? new AuthError('unavailable', 'No new token could be had in time.')
        },
        exchange.signal,
        host.life,
      )
    }

    const answered = async (reply: R, used: string | null, repeated: boolean): Promise<Exchanged<R>> => {
      if (reply.status !== 401) return pass(reply)
      const current = vault.session?.accessToken ?? null
      const verdict = judge({
        status: reply.status,
        challenge: reply.challenge ?? null,
        ours: !reply.url || allowed(reply.url, origins),
        used,
        current,
        sameSession: epoch === vault.epoch,
        repeated,
        renewed,
        futile:
          clock.now() - (refresher.renewedAt ?? -Infinity) < MIN_INTERVAL ||
          (refused?.token === current && Math.abs(clock.now() - refused.at) < COOL_DOWN),
        repeatable: exchange.repeatable,
      })
      if (verdict === 'deliver') return pass(reply)
      if (verdict === 'refresh') {
        renewed = true
        try {
          await wait(refresher.run())
        } catch (error) {
          // Its own time limit or signal ended the request; everything else leaves it its own 401.
          if (!(error instanceof AuthError) || error.code === 'timeout') throw error
          return { reply, error }
        }
        return answered(reply, used, repeated)
      }
      if (verdict === 'repeat') {
        exchange.discard?.(reply)
        return answered(await send(current), current, true)
      }
      const error = because(verdict.deliver)
      if (error.code === 'token_refused' && current && refused?.token !== current) {
        refused = { token: current, at: clock.now() }
        host.diagnose(error)
      }
      return { reply, error }
    }

    const go = async (): Promise<Exchanged<R>> => {
      if (host.restoring()) await wait(host.restored)
      if (vault.session && isExpired(vault.session, clock.now())) {
        renewed = true
        await wait(refresher.run())
      }
      if (epoch !== vault.epoch) throw because('session_changed')
      const token = vault.session?.accessToken ?? null
      return answered(await send(token), token, false)
    }

    if (exchange.skip || !allowed(exchange.url, origins)) return send(null).then(pass)
    if (host.life.aborted) return Promise.reject(host.life.reason)
    const { session } = vault
    if (!session || isExpired(session, clock.now())) {
      return session || host.restoring() ? go() : send(null).then(pass)
    }
    host.poke()
    const token = session.accessToken
    return send(token).then((reply) => answered(reply, token, false))
  }
}
