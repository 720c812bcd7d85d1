import { createOriginMatch, resolve } from './address.ts'
import { AuthError, type AuthErrorCode, isAuthError } from './errors.ts'
import type { Keeper } from './keeper.ts'
import { within } from './limits.ts'
import { stale, youth } from './memory.ts'
import type { Ports } from './ports.ts'
import type { Refresher } from './refresh.ts'
import type { Asker } from './renewal.ts'
import { BASE_CHANGED, changedHands, identityOf, isFor, isSame, judge, WHY } from './request-policy.ts'
import { isExpired, type Session } from './session.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'
import type { Auth, Exchange, Exchanged, MaybePromise, Reply } from './types.ts'

/** How long (ms) anybody waits for a token. Longer than one call to the backend may last. */
export const WAIT_LIMIT = 14_000
/** After a renewed token was refused, 401s do not refresh again for this long (ms). */
const COOL_DOWN = 30_000

/**
 * @param ready settles when the session has been restored; null once that is over
 * @param poke renews in the background if that is due
 * @param look where scripts see no access token: the browser picks the cookie as it sends, so storage is read before and after
 */
export function createExchange(
  { clock, page, fetch }: Ports,
  store: Store<unknown>,
  { session: held, identity, memory, trace }: Keeper,
  refresher: Refresher,
  ready: () => Promise<unknown> | null,
  poke: () => void,
  look: Tabs['look'] | null,
): Auth['exchange'] {
  /** Whoever the server has not told of is nobody. */
  const session = () => (held()?.version ? held() : null)
  let count = 0
  /** The version that was refused though it was renewed for it, and the newest that the server has taken once. */
  let refused: readonly [version: number, at: number] | undefined
  let accepted = 0
  const matches = createOriginMatch()
  const changed = () => changedHands(store.state())

  return async <R extends Reply>(exchange: Exchange<R>): Promise<Exchanged<R>> => {
    const { timeout = 0, signal } = exchange
    const request = ++count
    const start = clock.now()
    let who = identity()
    let begun = exchange.identity
    const base = page?.base()
    const target = resolve(exchange.url, base)
    let renewed = false

    const allowed = (origin?: string) => matches(origin, exchange.origins, page?.href())
    const ours = !exchange.skip && allowed(target?.origin)
    const pass = (reply: R, error: AuthError | null = null): Exchanged<R> => {
      trace({ step: 'answered', request, status: reply.status })
      return { reply, error }
    }
    // What is left of the time limit. At least 1 ms: 0 would mean none.
    const left = () => (timeout > 0 ? Math.min(Math.max(timeout + start - clock.now(), 1), timeout) : 0)

    /** The request is for whoever it first was for, or else for whoever is signed in when it is first sent. */
    const check = () => {
      const mine = session()
      if (begun && !(mine && isFor(begun, mine))) throw changed()
      if (!mine || begun) return
      begun = identityOf(mine)
      exchange.began?.(begun)
    }
    /** Somebody has signed in or out while it waited: it goes on only for the same known person. */
    const goOn = () => {
      if (!who.aborted) return
      who = identity()
      who.throwIfAborted()
      if (!begun) throw changed()
      check()
    }
    const send = async (repeated = false): Promise<Exchanged<R>> => {
      // Whoever can write a <base> into the page would else get the token, and the body.
      if (page?.base() !== base && resolve(exchange.url, page?.base())?.href !== target?.href)
        throw new AuthError('misconfigured', BASE_CHANGED)
      if (ours && look) {
        await patient(look(undefined, false, session() ? 0 : Infinity))
        // What began for nobody may be sent for anybody.
        if (who.aborted && !begun) who = identity()
        goOn()
        check()
      }
      const mine = ours ? session() : null
      trace({ step: 'request', request, state: repeated ? 'repeated' : 'sent' })
      const [token, url] = [mine?.accessToken ?? null, target?.href ?? exchange.url]
      const reply = await exchange.send({ token, url, allowed: ours, timeout: left(), fetch })
      if (mine && look) {
        if (isSame(session(), mine)) await patient(look())
        // It may be another person's: their cookie went with it.
        if (!isSame(session(), mine) || reply.own === false) throw changed()
      }
      return await answered(reply, mine, repeated)
    }

    /** Waits for a new token, no longer than the request may. What is waited for ends by itself on dispose(). */
    const wait = (promise: Promise<unknown>) => {
      trace({ step: 'request', request, state: 'waiting' })
      const own = left() || Infinity
      const late = () => {
        throw own < WAIT_LIMIT
          ? new AuthError('timeout', `timeout of ${timeout}ms exceeded`)
          : stale(memory(), clock.now())
      }
      return within(clock, promise, Math.min(own, WAIT_LIMIT), late, signal)
    }
    const patient = (looking: MaybePromise<void>) => (looking && !who.aborted ? wait(looking) : looking)
    const renew = (by: Asker) => {
      renewed = true
      return wait(refresher.run(by))
    }
    const answered = async (reply: R, mine: Session | null, repeated?: boolean): Promise<Exchanged<R>> => {
      const { version: used = 0, id, accessToken } = mine ?? {}
      const { status, url, challenge } = reply
      // A 403, or insufficient_scope (RFC 6750 section 3.1), means "not allowed": a new token would change nothing.
      const expired = reply.expired ?? (status === 401 && !challenge?.includes('insufficient_scope'))
      if (!expired || !used || (url && !allowed(resolve(url, page?.base())?.origin))) {
        if (status < 400 && !who.aborted) accepted = used
        return pass(reply)
      }
      const decide = () => {
        const { id: now, version = 0, accessToken: token } = session() ?? {}
        // Another tab has renewed it, and keeps the new token to itself.
        const kept = now === id && version > used && !!token && token === accessToken
        // Another session of the same person is as good as other tokens.
        const current = now !== id ? -1 : kept ? used : version
        const young = !kept && youth(memory(), clock.now()) > 0 && accepted !== current
        const futile = young || (refused?.[0] === current && Math.abs(clock.now() - refused[1]) < COOL_DOWN)
        return judge({ used, current, repeated: !!repeated, renewed, futile, repeatable: exchange.repeatable })
      }
      const moved = () => {
        try {
          goOn()
          return null
        } catch (error) {
          return error as AuthError
        }
      }
      let why = moved()
      if (why) return pass(reply, why)
      let verdict = decide()
      if (verdict === 'refresh') {
        try {
          await renew('answer')
        } catch (error) {
          // Its own time limit or signal ends the request; everything else leaves it its own 401.
          if (signal?.aborted || (error as AuthError).code === 'timeout') throw error
          if (!who.aborted) return pass(reply, error as AuthError)
        }
        why = moved()
        if (why) return pass(reply, why)
        verdict = decide()
      }
      if (verdict === 'repeat') {
        exchange.discard?.(reply)
        return send(true)
      }
      const code = verdict as AuthErrorCode
      const error = new AuthError(code, WHY[code] ?? code)
      const { version = 0 } = session() ?? {}
      if (code === 'token_refused' && refused?.[0] !== version) {
        refused = [version, clock.now()]
        store.emit('diagnostic', { error })
      }
      return pass(reply, error)
    }

    const waitAndSend = async () => {
      await wait(Promise.resolve(ready()))
      goOn()
      check()
      if (session() && isExpired(session(), clock.now()))
        await renew('request').catch((error) => {
          if (!who.aborted || signal?.aborted || error.code === 'timeout') throw error
        })
      goOn()
      return send()
    }
    try {
      if (ours) {
        // Only dispose() leaves the identity of now aborted.
        who.throwIfAborted()
        if (ready() || (session() && isExpired(session(), start))) return await waitAndSend()
        check()
        poke()
        // Its first look may have found somebody else.
        goOn()
      }
      return await send()
    } catch (error) {
      trace({ step: 'failed', request, why: isAuthError(error) ? error.code : 'request' })
      throw error
    }
  }
}
