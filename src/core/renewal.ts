import { AuthError } from './errors.ts'
import type { Keeper } from './keeper.ts'
import type { Leaving } from './leaving.ts'
import { noop, SETTLING, sleep } from './limits.ts'
import type { Messages } from './messages.ts'
import type { Ports, TraceStep } from './ports.ts'
import { type Server, scrub } from './server.ts'
import { backoff, isExpired, otherPerson, type Session } from './session.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'
import type { RefreshOutcome } from './types.ts'

/** Who wants new tokens: the alarm, a request before it is sent, an answer that refuses its token, `auth.refresh()`, the start. */
export type Asker = Extract<TraceStep, { step: 'asked' }>['by']

/** Pause (ms) after an answer that looks as if something were set up wrongly. */
const SLOWLY = 60_000
/** Pauses (ms) before a doubtful refusal is asked for again; alike once more after them, it is final. */
const DOUBT = [5_000, 20_000]

export interface Attempt {
  /** Counts from 1 in each flight. */
  readonly number: number
  readonly by: Asker
  /** Another tab was first. */
  readonly adopted: () => boolean
  /** To be called when the server is asked. */
  readonly begin: () => void
  /** Whether nobody else may send, where a lease tells. */
  readonly stands: (() => boolean) | undefined
}

/** A refusal to be looked at twice, and of which version. */
export interface Refusal {
  readonly error: AuthError
  readonly version: number
}

export interface Renewal {
  /**
   * One attempt at new tokens. Resolves with how there are some, or need be none; with a refusal; else with nothing: try
   * again.
   */
  attempt(who: AbortSignal, attempt: Attempt): Promise<'renewed' | 'adopted' | 'stands' | Refusal | undefined>
  /** The session is over. */
  end(reason: 'rejected' | 'expired', error: AuthError): Promise<void>
}

export function createRenewal(
  ports: Ports,
  store: Store<unknown>,
  keeper: Keeper,
  tabs: Tabs,
  messages: Messages,
  server: Server,
  leaving: Leaving,
): Renewal {
  const { clock } = ports
  const { session, memory, trace } = keeper

  const end: Renewal['end'] = async (reason, error) => {
    const { id, order, version } = session() as Session
    // There was none.
    if (!version) return keeper.restore(null)
    keeper.end(reason, { id, order, version, reason }, { error })
    await keeper.settled()
    messages.announce(reason, id)
  }

  const fail = (error: AuthError, called: boolean, span?: number, doubts = 0) => {
    const at = clock.now()
    const { failures: before = 0, calls = 0, calledAt = -Infinity } = memory().trouble ?? {}
    const final = span === Infinity
    const failures = before + (final ? 0 : 1)
    const wait = span ?? Math.max(error.retryAfter ?? 0, backoff(failures, ports.random()))
    const count = called ? { calls: calls + 1, calledAt: at } : { calls, calledAt }
    keeper.note({ trouble: { error, at, pause: wait, failures, doubts, ...count } })
    store.emit('refresh_failed', { error, retryAt: final ? null : at + wait })
  }

  /** A refusal in words that may mean something else is believed when it comes three times alike. */
  const doubt = (error: AuthError, called: boolean): boolean => {
    const { error: last, doubts = 0 } = memory().trouble ?? {}
    const alike = last?.status === error.status && last?.message === error.message
    const count = alike ? doubts + 1 : 1
    const wait = DOUBT[count - 1]
    if (wait === undefined) return true
    fail(error, called, Math.max(wait, error.retryAfter ?? 0), count)
    return false
  }

  /** There is nothing to renew it with. A 401 of some endpoint does not end it if the server still knows who it is. */
  const ask = async (mine: Session, who: AbortSignal, by: Asker): Promise<'stands'> => {
    const fresh = !isExpired(mine, clock.now())
    const why = 'There is nothing to renew the session with.'
    if (fresh && by === 'app') throw new AuthError('unauthenticated', `${why} It lasts as long as its access token.`)
    if (fresh && server.backend.getUser) {
      try {
        await server.whoIs(mine.accessToken)
        who.throwIfAborted()
        keeper.note({ trouble: null })
        return 'stands'
      } catch (error) {
        who.throwIfAborted()
        if ((error as AuthError).code !== 'rejected') {
          fail(error as AuthError, true)
          throw error
        }
      }
    }
    const error = new AuthError('unauthenticated', `The access token is no longer good. ${why}`)
    void end('expired', error)
    throw error
  }

  return {
    end,
    async attempt(who, { number, by, adopted, stands, begin }) {
      const called = by !== 'timer'
      if (ports.settle) await (ports.settle() ?? sleep(clock, SETTLING, who)).catch(noop)
      who.throwIfAborted()
      await tabs.look()
      who.throwIfAborted()
      // Whoever only wants to go on need not ask for more than what storage has by now.
      const enough = (by === 'start' || by === 'request') && !isExpired(session(), clock.now())
      if (adopted() || enough) {
        trace({ step: 'adopted' })
        return 'adopted'
      }
      const sent = session() as Session
      if (!sent.renewable) return ask(sent, who, by)
      if (stands && !stands()) return
      begin()
      const began = clock.now()
      keeper.note({ tried: began })
      messages.renewing()
      trace({ step: 'attempt', attempt: number })
      let next: Session | undefined
      const secrets = [sent.accessToken, sent.refreshToken]
      const outcome = await server
        .call(async (context) => {
          const { accessToken, refreshToken } = sent
          const result = await server.backend.refresh({ accessToken, refreshToken }, context)
          if (result.type === 'renewed') next = server.accept(result.answer, sent)
          if (result.type === 'extended') next = server.accept({ accessToken, expiresIn: result.expiresIn }, sent)
          return 'error' in result ? { ...result, error: scrub(result.error, secrets) } : result
        }, secrets)
        .catch((error): RefreshOutcome => ({ type: 'unavailable', error }))
      const error = 'error' in outcome ? outcome.error : undefined
      trace({ step: 'outcome', type: outcome.type, status: error?.status ?? null, ms: clock.now() - began })
      // Tokens first: where the server does not say in time whose they are, they are kept all the same.
      if (next && outcome.type === 'renewed') next = await server.named(next, outcome.answer)
      // The world may have moved on meanwhile: signed out, another user, or renewed by a tab that had no lock.
      const moved = async (): Promise<never> => {
        if (outcome.type === 'renewed') leaving.drop(outcome.answer, sent)
        // The lock is held until storage tells the other tabs that what was sent is spent.
        await keeper.settled()
        throw who.reason
      }
      if (!who.aborted) await tabs.look()
      if (who.aborted) return moved()
      const mine = session() as Session
      // Other tokens than those that were sent; not if they have only got a name.
      const newer = sent.refreshToken ? mine.refreshToken !== sent.refreshToken : mine.version !== sent.version
      // Where each tab keeps its access token to itself, what another one has got is no help, and this is good.
      const own = next && !sent.refreshToken && sent.accessToken && mine.accessToken === sent.accessToken
      if (newer && !own) return
      if (outcome.type === 'rejected') {
        const believed = !outcome.doubt || !mine.version || doubt(outcome.error, called)
        return believed ? { error: outcome.error, version: mine.version } : undefined
      }
      if (!next) {
        const why = error ?? new AuthError('unavailable', 'The refresh failed.')
        const hint = outcome.type === 'unavailable' && outcome.hint
        if (hint) store.emit('diagnostic', { error: why })
        fail(why, called, outcome.type === 'interaction_required' ? Infinity : hint ? SLOWLY : undefined)
        return
      }
      // What was learnt of the person meanwhile is kept, unless the answer said it.
      const said = next.user !== sent.user && next.user
      const user = said || (otherPerson(mine.subject, next.subject) ? null : mine.user)
      const { id, order, version } = mine
      const renewed = keeper.ordered({ ...next, id, order, version: version + 1, user })
      const told = outcome.type === 'renewed' && (!!outcome.answer.user || next.user !== sent.user)
      const ahead = keeper.ahead(renewed)
      const stored = ahead && (await ahead)
      if (who.aborted) return moved()
      keeper.renew(renewed, 'this_tab', told, stored)
      await keeper.settled()
      return 'renewed'
    },
  }
}
