import { createAlarm } from './alarm.ts'
import { createCalls } from './calls.ts'
import { AuthError, misuse } from './errors.ts'
import { createExchange, tooLate, WAIT_LIMIT } from './exchange.ts'
import { type Kit, noop } from './kit.ts'
import { within } from './limits.ts'
import type { Ports, WakeReason } from './ports.ts'
import { checkToken, createRefresher, RENEWING } from './refresh.ts'
import { dueAt, fromAnswer, isExpired, type Session, sameTokens } from './session.ts'
import { createStore } from './store.ts'
import type { Auth, AuthOptions, SignedOutReason, TokenAnswer } from './types.ts'
import { createVault } from './vault.ts'

/** After waking, a failing refresh is tried again no sooner than this (ms). */
const WAKE_PAUSE = 1_000

/** The engine over given ports. Apps call `createAuth`, which adds those of the browser. */
export function createEngine<User, Credentials>(
  { backend, storage, refreshMargin = 300_000, timeout = 10_000 }: AuthOptions<User, Credentials>,
  ports: Ports,
): Auth<User, Credentials> {
  if (!backend?.signIn || !backend.refresh || !backend.signOut)
    misuse("createAuth: no backend. Pass one, for instance restBackend({ baseUrl: '/api' }).")
  if (!storage?.read || !storage.write || !storage.clear)
    misuse('createAuth: no storage. Pass one, for instance cookieStorage().')
  if (!(refreshMargin >= 0)) misuse(`createAuth: refreshMargin must be 0 ms or more, not ${refreshMargin}.`)
  if (!(timeout > 0)) misuse(`createAuth: timeout must be more than 0 ms, not ${timeout}.`)

  const { clock, readToken } = ports
  const lockName = storage.key && `keyturn:${storage.key}`
  const jitter = ports.random()
  const life = new AbortController()
  const { state, set, on, emit, subscribe, clear } = createStore<User>({ status: 'loading', user: null, problem: null })
  /**
   * Sessions that somebody signed out of, or that a sign-in here replaced. Whatever brings one of them back is too late.
   * And the tokens of each session that ended here, for whatever reason: where storage did not let go of them, they are
   * not taken for somebody's sign-in.
   */
  const ended = new Set([''])
  const bury = ({ accessToken, refreshToken }: Session) => ended.add(accessToken ?? '').add(refreshToken ?? '')
  let session: Session | null = null
  let identity = new AbortController()
  let restoring: Promise<unknown> | null = null
  let lastBy: 'this_tab' | 'other_tab' | null = null
  /** Counts what the person asked for; a sign-in that is not the last of it is dropped. */
  let intent = 0

  const vault = createVault(
    storage,
    ports,
    timeout,
    life.signal,
    () => session,
    (error) => emit('storage_failed', { error }),
  )

  const { call, revoke } = createCalls(backend, ports, timeout, life.signal)

  // ---- State ----

  const changed = () => {
    setAlarm()
    if (!session) return
    const expired = isExpired(session, clock.now())
    const { error } = refresher
    const problem = expired || refresher.pause() === Infinity ? error : null
    // Before its first renewal is through or has failed, a session that has expired is still being restored.
    if (expired && !error && state().status === 'loading') return
    const told = session.user ?? session.claims
    if (!told && !session.accessToken) return set({ status: 'loading', user: null, problem })
    const known = told ?? {}
    const shown = state().user
    // By value: an answer that tells the same user again renders nothing.
    const user = (JSON.stringify(known) === JSON.stringify(shown) ? shown : known) as User
    set({ status: 'authenticated', user, problem })
  }

  // ---- Storage ----

  /**
   * Reads storage and follows what it says. `lost`: why it would be empty. `refused`: the server refuses what memory has.
   */
  const sync = async (lost: SignedOutReason = 'storage_lost', refused?: boolean): Promise<void> => {
    // What is being read for the first time comes first, and a sign-out that waits for it.
    await opened
    const next = await vault.read(lost !== 'storage_lost')
    const mine = session
    if (next === undefined) return
    const old =
      next &&
      ended.has(next.accessToken ?? '') &&
      ended.has(next.refreshToken ?? '') &&
      !(mine && sameTokens(next, mine))
    if (next && (ended.has(next.id) || (mine && old))) {
      // A tab that did not know yet wrote back what ended here.
      await vault.persist()
      // Where the storage does not let go of it, two tabs would tell each other for ever.
      if (vault.persisted) session ? announce(session.id) : announce(next.id, 'signed_out')
    } else if (!next) {
      if (mine && vault.persisted) void end(lost, null, true)
    } else if (old) {
      // What has ended here is still there.
    } else if (
      !mine ||
      (next.id !== mine.id &&
        // The same token, now with a name to it, is the same session: what is under way for it still counts.
        (!sameTokens(next, mine) || (mine.accessToken && next.subject !== mine.subject)))
    ) {
      vault.persisted = true
      take(next, 'signed_in', 'other_tab')
    } else if (!vault.persisted && !refused) {
      // Storage did not take the newer tokens that memory has; those it still holds are spent.
    } else if (!next.refreshToken && mine.refreshToken) {
      // Only the refresh token was evicted. (A sign-out deletes it last.)
      await vault.persist()
    } else if (
      next.id !== mine.id ||
      next.refreshToken !== mine.refreshToken ||
      (next.accessToken ?? mine.accessToken) !== mine.accessToken
    ) {
      vault.persisted = true
      take({ ...next, user: next.user ?? mine.user }, 'refreshed', 'other_tab')
    }
  }

  // ---- Transitions: synchronous, but for storage ----

  /** Tells the other tabs which session changed and, if it ended, why. Never a token. */
  const announce = (id: string, why = '') => life.signal.aborted || channel?.post(`${id} ${why}`)

  /** Whoever waits for what went before is released at once. */
  const newIdentity = (why?: AuthError | null) => {
    identity.abort(why ?? new AuthError('session_changed', 'Somebody signed in or out meanwhile.'))
    identity = new AbortController()
    refresher.reset()
  }

  /** Another session than before, or new tokens for this one. */
  const take = (next: Session, event: 'signed_in' | 'refreshed', by: 'this_tab' | 'other_tab') => {
    if (session && event === 'signed_in' && by === 'this_tab') bury(session).add(session.id)
    const renewed = next.accessToken !== session?.accessToken && !isExpired(next, clock.now())
    restoring = null
    session = next
    if (event === 'signed_in') newIdentity()
    else {
      lastBy = by
      refresher.moved(renewed)
      refresher.renewedAt = clock.now()
      refresher.reset()
    }
    changed()
    // A sign-in here has asked already.
    if (event === 'refreshed' || by === 'other_tab') askUser()
    if (event === 'signed_in') emit(event, { user: state().user as User, by })
    else emit(event, { by })
  }

  /** Resolves with the session that ended, when storage has let go of it; told: another tab has seen to that. */
  const end = (
    reason: SignedOutReason,
    error: AuthError | null = null,
    told?: boolean,
  ): Promise<Session | null> | undefined => {
    const old = session
    // A session that is still being read is not known yet, but ends as well.
    const unread = restoring && opened
    session = restoring = null
    newIdentity(error)
    setAlarm()
    const who = identity
    const clear = async () => {
      const gone = old ?? (await unread)
      // Somebody has signed in since: what was read may be theirs.
      if (who !== identity) return null
      if (gone) bury(gone)
      // After a refusal another tab may yet prove to have had newer tokens.
      if (gone && reason === 'signed_out') ended.add(gone.id)
      await vault.persist()
      if (gone) announce(gone.id, reason)
      return gone
    }
    const cleared = told ? undefined : clear()
    set({ status: 'unauthenticated', user: null, problem: null, reason, error })
    if (old) emit('signed_out', { reason, error })
    return cleared
  }

  /** Asks the backend who the user is, where nothing else told. */
  const askUser = () => {
    const token = session?.accessToken
    if (!token || session?.user || !backend.getUser) return
    const who = identity
    call(async (context) => backend.getUser?.(token, context)).then((user) => {
      if (who !== identity || !session) return
      session = { ...session, user }
      changed()
      // What was found at the start may have been half written: look again before it is written over.
      const known = session
      void sync().then(() => (session === known ? vault.persist() : undefined))
    }, noop)
  }

  const accept = (answer: TokenAnswer, previous: Partial<Session> & { readonly id: string }): Session => {
    const facts = readToken(answer.accessToken)
    const next = fromAnswer(answer, facts, clock.now(), previous)
    if (!next.expiresAt && (answer.expiresIn || answer.expiresAt || facts.expiresAt)) {
      const error = new AuthError('token_refused', 'The auth server handed out an access token that has expired.')
      emit('diagnostic', { error })
    }
    return next
  }

  const kit: Kit = {
    ports,
    backend,
    timeout,
    lockName,
    life: life.signal,
    session: () => session,
    identity: () => identity.signal,
    call,
    sync: (refused) => sync('storage_lost', refused),
    renew(answer) {
      take(accept(answer, session as Session), 'refreshed', 'this_tab')
      return vault.persist()
    },
    end: (reason, error) => void end(reason, error),
    over: (id, subject) => ended.has(id) || (!!session && session.subject !== subject),
    announce(why) {
      if (session) announce(session.id, why)
    },
    changed: () => changed(),
    revoke,
    emit: emit as Kit['emit'],
  }
  const refresher = createRefresher(kit)

  // ---- Time ----

  const refreshAt = () => {
    const now = clock.now()
    const due = refresher.error ? now + refresher.pause() : session && dueAt(session, refreshMargin, jitter, now)
    // Tokens taken over from another tab may be due at once, but are too young here to be renewed.
    return due && Math.max(due, now + refresher.youth())
  }
  const nextAt = (): number | null => {
    if (!session || refresher.flight || life.signal.aborted) return null
    // While refreshes fail, also ring at the expiry: from then on the failure is the person's problem.
    const at = refreshAt()
    const { expiresAt } = session
    return refresher.error && expiresAt && expiresAt > clock.now() ? Math.min(at ?? expiresAt, expiresAt) : at
  }
  const ring = () => {
    // Or the clock was moved, and it may no longer be time.
    if (refresher.pause() || refresher.youth()) changed()
    else refresher.run().catch(noop)
  }
  const setAlarm = createAlarm(clock, nextAt, ring)

  const wake = (reason: WakeReason) => {
    if (reason !== 'storage') refresher.hurry(WAKE_PAUSE)
    void sync().then(setAlarm)
  }

  // ---- Tabs ----

  const receive = (text: string) => {
    const [id, why] = String(text).split(' ')
    if (why === RENEWING) return refresher.moved(false)
    const reason = why === 'signed_out' ? 'other_tab' : why === 'rejected' || why === 'expired' ? why : undefined
    const now = state()
    if (reason === 'other_tab') {
      ended.add(id as string)
      if (session && session.id === id) {
        bury(session)
        void end(reason, null, true)
      }
    }
    // The cookies may be seen to go before the reason is told.
    if (reason && now.status === 'unauthenticated' && now.reason === 'storage_lost') set({ ...now, reason })
    void sync(reason)
  }
  const channel = lockName ? ports.openChannel?.(lockName, receive) : null
  const stopWaking = ports.onWake(wake)

  // ---- Start-up ----

  const restore = (stored: Session | null): Promise<void> | undefined => {
    if (state().status !== 'loading' || session || life.signal.aborted) return
    restoring = null
    if (!stored || ended.has(stored.id)) {
      set({ status: 'unauthenticated', user: null, problem: null, reason: 'none', error: null })
      return
    }
    session = stored
    changed()
    askUser()
    return state().status === 'loading' ? refresher.run().catch(noop) : undefined
  }
  const opened = vault.open()
  if (opened instanceof Promise) restoring = opened.then(restore)
  const first = restoring ?? restore(opened as Session | null)
  const ready = within(clock, Promise.resolve(first), WAIT_LIMIT, noop, life.signal).then(state, state)

  // ---- What apps call ----

  const alive = () => life.signal.throwIfAborted()
  const renewed = () =>
    within(clock, refresher.run(), WAIT_LIMIT, () => {
      throw tooLate(refresher)
    })

  const poke = () => {
    const at = nextAt()
    if (at !== null && at <= clock.now()) ring()
  }

  return Object.freeze<Auth<User, Credentials>>({
    getState: state,
    subscribe,
    on,
    ready,
    async signIn(credentials) {
      alive()
      const turn = ++intent
      const answer = await call((context) => backend.signIn(credentials, context))
      const token = checkToken(answer)
      const user = answer.user ?? (await call(async (context) => backend.getUser?.(token, context)).catch(noop)) ?? null
      if (turn !== intent) {
        void revoke(answer)
        throw new AuthError('session_changed', 'A later sign-in or sign-out overtook this sign-in.')
      }
      alive()
      take(accept({ ...answer, user }, { id: ports.newId() }), 'signed_in', 'this_tab')
      const who = identity
      await vault.persist()
      if (who === identity) kit.announce()
      return (session?.user ?? state().user) as User
    },
    async signOut({ scope = 'local' } = {}) {
      alive()
      if (!['local', 'global', 'others'].includes(scope))
        misuse(`signOut: scope must be 'local', 'global' or 'others', not '${scope}'.`)
      const turn = scope === 'others' ? intent : ++intent
      // Another tab may have signed in a moment ago. The server and that tab must be told, too.
      if (!session && !restoring) await sync('other_tab')
      alive()
      if (turn !== intent) return { revoked: false }
      const old = scope === 'others' ? session : await end('signed_out')
      return { revoked: !!old && (await revoke(old, scope)) }
    },
    async refresh() {
      alive()
      refresher.hurry(0)
      await renewed()
    },
    async getAccessToken() {
      alive()
      if (restoring) await ready
      if (session && isExpired(session, clock.now())) await renewed()
      return session?.accessToken ?? null
    },
    exchange: createExchange(kit, refresher, () => restoring && ready, poke),
    inspect() {
      const { error, failures, flight, lock, renewedAt } = refresher
      const { id = null, receivedAt = null, expiresAt = null, skew = 0 } = session ?? {}
      return {
        status: state().status,
        sessionId: id,
        receivedAt,
        expiresAt,
        nextRefreshAt: refreshAt(),
        lastRefreshAt: lastBy && renewedAt,
        lastRefreshBy: lastBy,
        refreshing: !!flight,
        lock,
        failures,
        lastError: error && { code: error.code, message: error.message },
        skew,
        persisted: vault.persisted,
      }
    },
    dispose() {
      if (life.signal.aborted) return
      const error = new AuthError('disposed', 'auth.dispose() was called.')
      life.abort(error)
      identity.abort(error)
      setAlarm()
      stopWaking()
      channel?.close()
      clear()
    },
  })
}
