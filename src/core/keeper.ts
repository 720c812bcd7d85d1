import { AuthError } from './errors.ts'
import { lazily } from './lazily.ts'
import { type By, EMPTY, type Memory, nextOrder, sameUser, show } from './memory.ts'
import type { Ports, TraceStep } from './ports.ts'
import { type Ending, type Found, outranks } from './reconcile.ts'
import { otherPerson, type Session, sameTokens } from './session.ts'
import type { Event, Store } from './store.ts'
import type { AuthState, SignedOutReason } from './types.ts'
import type { Vault } from './vault.ts'

/**
 * Keeps the session: the only one who changes memory, the shown state, and what is stored. Each change is synchronous: memory,
 * storage, state and events have it when the call returns.
 */
export interface Keeper {
  readonly memory: () => Memory
  readonly session: () => Session | null
  /**
   * The epoch: aborts, at once, when somebody signs in or out or the session becomes another person's. Whatever comes back
   * from an `await` with an aborted identity is too late.
   */
  readonly identity: () => AbortSignal
  /** The order of a sign-in or sign-out of now. */
  nextOrder(found: Found | undefined): number
  /** What was found without a record takes its order when it is first written. */
  ordered(session: Session): Session
  /** Takes up what was found at the start; null: nobody is, or was, signed in. */
  restore(session: Session | null): void
  /**
   * Another session than before. Stored, if it comes from here: from a sign-in that began when `begun` was the last order.
   * `stored`: that has been tried already, and whether it worked.
   */
  signIn(session: Session, by: By, begun?: number, stored?: boolean): void
  /** New tokens of the same session; stored as in `signIn`. `told`: the answer said who the user is. */
  renew(session: Session, by: By, told?: boolean, stored?: boolean): void
  /**
   * What `signIn` or `renew` is to be told next is stored before anybody sees it. Resolves with whether that worked.
   * undefined: the storage answers at once, and they do it themselves.
   */
  ahead(session: Session, begun?: number): Promise<boolean> | undefined
  /**
   * Nobody is signed in any more. `ending` is stored in place of the session, unless it was found there; null: nothing is.
   */
  end(reason: SignedOutReason, ending: Ending | null, options?: { error?: AuthError | null; found?: boolean }): void
  /** Something is known to have ended; the last of it is remembered. */
  bury(ending: Ending): void
  /** Something else is to be remembered of what ended last. Stored. */
  mark(ending: Ending): void
  /**
   * Writes what memory holds; nobody: what ended last. Tells whether storage has it. `again`: a storage that did not take it
   * before is not complained of once more.
   */
  save(again?: boolean): boolean
  /** Another back end's app has written over the session: it goes on in memory. */
  displaced(): void
  /** Resolves when storage has what was written, or has not taken it. */
  settled(): Promise<void>
  /** Something else is known; with nothing given: time has passed. */
  note(some?: Partial<Pick<Memory, 'session' | 'trouble' | 'tried'>>, by?: By): void
  trace(step: TraceStep): void
  /** Releases whoever waits. */
  stop(why: AuthError): void
}

interface Change<User> {
  readonly by?: By | undefined
  /** What to show; else what memory says. */
  readonly next?: AuthState<User>
  readonly tell?: (state: AuthState<User>) => Event<User>[]
}

export function createKeeper<User>(
  { clock, trace }: Pick<Ports, 'clock' | 'trace'>,
  store: Store<User>,
  vault: Vault,
  changed: () => void,
): Keeper {
  let memory: Memory = EMPTY
  let identity = lazily(() => new AbortController())

  const tell: Keeper['trace'] = (step) => {
    const { id = null, version = 0 } = memory.session ?? {}
    trace?.({ at: clock.now(), session: id, version, ...step })
  }

  /** Until the first state is known. What is restored at the start is no change of the user. */
  let starting = true

  /** Everything that changes goes through here, whole. */
  const commit = (some: Partial<Memory>, { by = 'this_tab', next, tell: events = () => [] }: Change<User> = {}) => {
    const before = memory.session
    if (otherPerson(before?.subject, some.session?.subject)) newIdentity()
    memory = { ...memory, ...some }
    changed()
    const shown = store.state()
    const state = next ?? show(memory, shown, clock.now())
    const other = otherPerson(before?.subject, memory.session?.subject) || !sameUser(shown.user, state.user)
    const told: Event<User>[] =
      other && !starting ? [['user_changed', { user: state.user, previous: shown.user, by }]] : []
    starting &&= state.status === 'loading'
    store.commit(state, ...told, ...events(state))
  }
  const newIdentity = (why?: AuthError | null) => {
    const old = identity()
    identity = lazily(() => new AbortController())
    old.abort(why ?? new AuthError('session_changed', 'Somebody signed in or out meanwhile.'))
  }
  const put = (what: Session | Ending, begun?: number, quietly?: boolean): boolean => {
    const ok = vault.save(what, begun, quietly) === 'saved'
    tell({ step: 'saved', ok })
    return ok
  }

  const keeper: Keeper = {
    memory: () => memory,
    session: () => memory.session,
    identity: () => identity().signal,
    nextOrder: (found) => nextOrder(memory, found, clock.now()),
    ordered: (session) =>
      session.order ? session : { ...session, order: keeper.nextOrder(vault.read(memory.session)) },
    restore(session) {
      if (session) return commit({ session, saved: !!session.version })
      const nobody = { status: 'unauthenticated', user: null, problem: null, reason: 'none', error: null } as const
      const shown = store.state()
      commit({ session, trouble: null }, { next: shown.status === 'unauthenticated' ? shown : nobody })
    },
    signIn(session, by, begun = 0, stored) {
      newIdentity()
      starting = false
      const saved = stored ?? (by === 'other_tab' || put(session, begun))
      tell({ step: 'signed_in', by })
      const some = { session, trouble: null, renewed: null, tried: -Infinity, saved }
      commit(some, { by, tell: ({ user }) => [['signed_in', { user: user as User, by }]] })
    },
    ahead(session, begun) {
      if (!vault.slow()) return
      put(session, begun)
      return vault.written()
    },
    renew(session, by, told = true, stored) {
      const saved = stored ?? (by === 'other_tab' || put(session))
      // Of tabs that keep their tokens to themselves none is the younger for what another one has got.
      const before = memory.session
      const kept = by === 'other_tab' && session.receivedAt === before?.receivedAt && sameTokens(session, before)
      const renewed = { at: kept ? session.receivedAt : clock.now(), by, told }
      const entered = memory.session?.version === 0 && store.state().status === 'unauthenticated'
      commit(
        { session, trouble: null, saved, renewed, tried: clock.now() },
        {
          by,
          tell: ({ user }) => [
            ...(entered ? ([['signed_in', { user: user as User, by }]] as const) : []),
            ['refreshed', { by }],
          ],
        },
      )
    },
    end(reason, ending, { error = null, found } = {}) {
      const { session, over, saved, last } = memory
      newIdentity(error)
      tell({ step: 'signed_out', reason })
      const some = { session: null, trouble: null, renewed: null, over: ending ?? over, last: session?.id ?? last }
      commit(
        { ...some, saved: ending && !found ? put(ending) : saved },
        {
          by: found || !ending ? 'other_tab' : 'this_tab',
          next: { status: 'unauthenticated', user: null, problem: null, reason, error },
          tell: () => (session?.version ? [['signed_out', { reason, error }]] : []),
        },
      )
    },
    bury(over) {
      if (!memory.over || outranks(over, memory.over)) memory = { ...memory, over }
    },
    mark(over) {
      memory = { ...memory, over }
      keeper.save()
    },
    save(again) {
      const { session, over } = memory
      if (session?.version) memory = { ...memory, session: keeper.ordered(session) }
      const what = session?.version ? memory.session : over
      const saved = !what || put(what, undefined, again && !memory.saved)
      memory = { ...memory, saved }
      return saved
    },
    displaced() {
      memory = { ...memory, saved: false }
    },
    async settled() {
      if ((await vault.written()) === false) memory = { ...memory, saved: false }
    },
    note: (some = {}, by) => commit(some, { by }),
    trace: trace ? tell : () => {},
    stop: (why) => identity().abort(why),
  }
  return keeper
}
