import { createAlarm } from './alarm.ts'
import { AuthError, isAuthError } from './errors.ts'
import { createExchange, WAIT_LIMIT } from './exchange.ts'
import { within } from './limits.ts'
import type { Channel, Ports, WakeReason } from './ports.ts'
import { checkToken, createRefresher } from './refresh.ts'
import { dueAt, fromAnswer, isExpired, type Session, sameValue } from './session.ts'
import { createStore } from './store.ts'
import type {
  Auth,
  AuthOptions,
  BackendContext,
  MaybePromise,
  SignedOutReason,
  SignOutScope,
  TokenAnswer,
} from './types.ts'
import { createVault, settle } from './vault.ts'

/** How long (ms) a sign-out waits for the server. */
const REVOKE_LIMIT = 5_000
/** After waking, a failing refresh is tried again no sooner than this (ms). */
const WAKE_PAUSE = 1_000

/** What tabs tell each other: which session changed and, if it ended, why. Never a token. */
interface Message {
  readonly id: string
  readonly ended?: 'signed_out' | 'rejected'
}

const noop = () => {}

/** The engine over given ports. Apps call `createAuth`, which adds those of the browser. */
export function createEngine<User, Credentials>(
  options: AuthOptions<User, Credentials>,
  ports: Ports,
): Auth<User, Credentials> {
  const { backend, storage, refreshMargin: margin = 300_000, timeout = 10_000 } = options
  checkOptions(options, margin, timeout)
  const { clock } = ports
  const lockName = storage.key && `keyturn:${storage.key}`
  const jitter = ports.random()
  const life = new AbortController()
  const store = createStore<User>({ status: 'loading', user: null, problem: null })
  /** Sessions that ended here. Whatever brings one of them back is too late. */
  const ended = new Set<string>()
  let restoring = true
  let lastBy: 'this_tab' | 'other_tab' | null = null
  /** The last thing the person asked for; a sign-in that is not it any more is dropped. */
  let intent = 0

  const vault = createVault(storage, ports, (error) => store.emit('storage_failed', { error }))

  const context = (signal: AbortSignal): BackendContext => ({
    signal,
    fetch: ports.fetch,
    pageUrl: ports.page?.href() ?? null,
    now: clock.now(),
  })

  /** Calls the backend outside a refresh, bounded in time. */
  const call = <T>(run: (context: BackendContext) => Promise<T>, ms = timeout): Promise<T> => {
    const limit = new AbortController()
    const late = () => {
      throw new AuthError('unavailable', `The server did not answer within ${ms} ms.`)
    }
    return within(clock, (async () => run(context(limit.signal)))(), ms, late, life.signal).finally(() => limit.abort())
  }

  // ---- State ----

  const show = () => {
    const { session } = vault
    if (!session) return
    const { error } = refresher
    const now = clock.now()
    const expired = isExpired(session, now)
    const problem = error && (expired || refresher.retryAt() === Infinity) ? error : null
    const claims = session.accessToken && ports.readToken(session.accessToken).claims
    const known = session.user ?? claims
    // A session of which only the refresh token is left tells nothing about its user before it is renewed.
    if (expired && !refresher.error && store.state.status === 'loading') return
    if (!known && !session.accessToken) return store.set({ status: 'loading', user: null, problem })
    const user = (sameValue(known, store.state.user) ? store.state.user : (known ?? {})) as User
    store.set({ status: 'authenticated', user, problem })
  }

  const changed = () => {
    show()
    alarm.set()
  }

  // ---- Transitions. Each is synchronous up to its write to storage. ----

  const take = (session: Session, newIdentity: boolean) => {
    if (newIdentity) vault.epoch++
    vault.session = session
    refresher.reset()
    changed()
  }

  const announce = (message: Message) => channel?.post(JSON.stringify(message))

  const end = (reason: SignedOutReason, error: AuthError | null = null): MaybePromise<void> => {
    const old = vault.session
    vault.epoch++
    vault.session = null
    restoring = false
    refresher.reset()
    alarm.set()
    let cleared: MaybePromise<void>
    const own = reason === 'signed_out' || reason === 'expired' || (reason === 'rejected' && error)
    if (own) {
      cleared = vault.clear()
      if (old) ended.add(old.id)
    }
    const told = () => {
      if (own && old && reason !== 'expired') announce({ id: old.id, ended: reason })
    }
    if (cleared instanceof Promise) void cleared.then(told)
    else told()
    const wasOut = store.state.status === 'unauthenticated'
    store.set({ status: 'unauthenticated', user: null, problem: null, reason, error })
    if (old && !wasOut) store.emit('signed_out', { reason, error })
    return cleared
  }

  /** Follows what storage says. `lost`: why it would be empty. */
  const reconcile = (stored: Session | null | undefined, lost: SignedOutReason) => {
    const mine = vault.session
    if (stored && ended.has(stored.id)) {
      // A tab that did not know yet wrote back what ended here.
      void vault.clear()
      announce({ id: stored.id, ended: 'signed_out' })
      stored = null
    }
    if (stored === undefined) return
    if (!mine) {
      if (!stored) return
      take(stored, true)
      whoIs()
      store.emit('signed_in', { user: store.state.user as User, by: 'other_tab' })
    } else if (!stored) {
      if (vault.persisted) void end(lost)
    } else if (stored.id !== mine.id && stored.refreshToken !== mine.refreshToken) {
      vault.persisted = true
      take(stored, true)
      whoIs()
      store.emit('signed_in', { user: store.state.user as User, by: 'other_tab' })
    } else if (!vault.persisted) {
      // Storage refused the newer tokens that memory has; what it still holds is spent.
    } else if (!stored.refreshToken && mine.refreshToken) {
      // Only the refresh token was evicted. (A sign-out deletes it last.)
      void vault.save()
    } else if (
      stored.refreshToken !== mine.refreshToken ||
      (stored.accessToken && stored.accessToken !== mine.accessToken)
    ) {
      lastBy = 'other_tab'
      refresher.renewedAt = clock.now()
      take({ ...stored, user: stored.user ?? mine.user }, false)
      store.emit('refreshed', { by: 'other_tab' })
    }
  }

  const sync = async (lost: SignedOutReason = 'storage_lost'): Promise<void> => {
    const { epoch } = vault
    await settle(
      () => vault.read(),
      (stored) => {
        if (epoch === vault.epoch && !life.signal.aborted) reconcile(stored, lost)
      },
      noop,
    )
  }

  /** Asks the backend who the user is, where nothing else told. */
  const whoIs = () => {
    const { session, epoch } = vault
    if (!session?.accessToken || session.user || !backend.getUser) return
    const { accessToken } = session
    call((ctx) => (backend.getUser as NonNullable<typeof backend.getUser>)(accessToken, ctx)).then((user) => {
      if (epoch !== vault.epoch || !vault.session) return
      vault.session = { ...vault.session, user }
      show()
      void vault.save()
    }, noop)
  }

  /** The user of an answer; else the one already known, or where the backend has no `getUser`, the token's claims. */
  const userOf = (answer: TokenAnswer, known: unknown) =>
    answer.user ?? (backend.getUser ? known : (ports.readToken(answer.accessToken).claims ?? known)) ?? null

  const accept = (answer: TokenAnswer, previous: Partial<Session> & { readonly id: string }): Session => {
    const facts = ports.readToken(answer.accessToken)
    const session = fromAnswer(answer, facts, clock.now(), previous, userOf(answer, previous.user))
    if (session.expiresAt === null && (answer.expiresIn ?? answer.expiresAt ?? facts.expiresAt ?? null) !== null) {
      const error = new AuthError(
        'token_refused',
        'The server handed out an access token that has already expired. It will be renewed only after a 401.',
      )
      store.emit('diagnostic', { error })
    }
    return session
  }

  const revoke = (tokens: Pick<TokenAnswer, 'accessToken' | 'refreshToken'>, scope: SignOutScope = 'local') => {
    const { accessToken, refreshToken = null } = tokens
    return call((ctx) => backend.signOut({ accessToken, refreshToken }, scope, ctx), REVOKE_LIMIT)
  }

  const refresher = createRefresher({
    vault,
    ports,
    backend,
    lockName,
    timeout,
    life: life.signal,
    context,
    sync,
    async renew(answer) {
      const session = accept(answer, vault.session as Session)
      lastBy = 'this_tab'
      refresher.renewedAt = clock.now()
      take(session, false)
      await vault.save()
      store.emit('refreshed', { by: 'this_tab' })
    },
    announce: () => vault.session && announce({ id: vault.session.id }),
    end: (reason, error) => void end(reason, error),
    changed,
    failed(error, retryAt) {
      changed()
      store.emit('refresh_failed', { error, retryAt })
    },
    revoke: (answer) => void revoke(answer).catch(noop),
  })

  // ---- Time ----

  const nextAt = (): number | null => {
    const { session } = vault
    if (!session || life.signal.aborted || refresher.flight) return null
    const now = clock.now()
    const retryAt = refresher.retryAt()
    if (retryAt === null) return dueAt(session, margin, jitter, now)
    // While refreshes fail, also ring at the expiry: from then on the failure is the person's problem.
    const { expiresAt } = session
    return expiresAt !== null && expiresAt > now ? Math.min(retryAt, expiresAt) : retryAt
  }

  const ring = () => {
    const { session } = vault
    const retryAt = refresher.retryAt()
    if (retryAt !== null && retryAt > clock.now()) return changed()
    if (session && !session.refreshToken) void end('expired')
    else refresher.run().catch(noop)
  }

  const alarm = createAlarm(clock, nextAt, ring)

  const wake = (reason: WakeReason) => {
    if (restoring) return
    if (reason !== 'storage') refresher.hurry(WAKE_PAUSE)
    void sync().then(alarm.set)
  }

  // ---- Tabs ----

  const receive = (text: string) => {
    let message: Partial<Message>
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    const { id, ended: why } = message
    const { state } = store
    const reason = !why ? undefined : why === 'rejected' ? why : 'other_tab'
    if (why === 'signed_out' && id) {
      ended.add(id)
      if (vault.session?.id === id) void end('other_tab')
    }
    if (reason && state.status === 'unauthenticated' && state.reason === 'storage_lost') {
      // The cookies were seen to go before the reason was told.
      store.set({ ...state, reason })
    }
    if (!restoring) void sync(reason)
  }

  // ---- Start-up ----

  const restore = (stored: Session | null | undefined): Promise<void> | undefined => {
    if (!restoring || life.signal.aborted) return
    restoring = false
    if (!stored) {
      store.set({ status: 'unauthenticated', user: null, problem: null, reason: 'none', error: null })
      return
    }
    vault.session = stored
    changed()
    if (store.state.status !== 'loading') return void whoIs()
    return refresher.run().then(whoIs, () => show())
  }

  const channel: Channel | null | undefined = lockName ? ports.openChannel?.(lockName, receive) : null
  const stopWaking = ports.onWake(wake)
  const restored = settle(() => vault.read(), restore, noop)
  const state = () => store.state
  const ready = within(clock, Promise.resolve(restored), WAIT_LIMIT, noop, life.signal).then(state, state)

  // ---- What apps call ----

  const alive = () => life.signal.throwIfAborted()

  /** Waits for a refresh as long as a caller can be asked to. */
  const renewed = () => {
    const late = () => {
      throw refresher.error ?? new AuthError('unavailable', 'No new token could be had in time.')
    }
    return within(clock, refresher.run(), WAIT_LIMIT, late, life.signal)
  }

  const auth: Auth<User, Credentials> = {
    getState: state,
    subscribe: store.subscribe,
    on: store.on,
    ready,
    async signIn(credentials) {
      alive()
      const turn = ++intent
      const answer = await call((ctx) => backend.signIn(credentials, ctx)).catch((error) => {
        throw isAuthError(error) ? error : new AuthError('unavailable', 'The sign-in failed.', { cause: error })
      })
      checkToken(answer?.accessToken)
      let user: User | null | undefined = answer.user
      if (!user && backend.getUser && turn === intent) {
        user = await call((ctx) =>
          (backend.getUser as NonNullable<typeof backend.getUser>)(answer.accessToken, ctx),
        ).catch(() => null)
      }
      if (turn !== intent || life.signal.aborted) {
        if (!life.signal.aborted) revoke(answer).catch(noop)
        alive()
        throw new AuthError('session_changed', 'A later sign-in or sign-out overtook this sign-in.')
      }
      restoring = false
      take(accept({ ...answer, user }, { id: ports.newId() }), true)
      const { epoch, session } = vault
      await vault.save()
      if (epoch === vault.epoch && session) announce({ id: session.id })
      const current = (session?.user ?? store.state.user) as User
      store.emit('signed_in', { user: current, by: 'this_tab' })
      return current
    },
    async signOut({ scope = 'local' } = {}) {
      alive()
      if (!['local', 'global', 'others'].includes(scope))
        throw new AuthError('misconfigured', `signOut: scope must be 'local', 'global' or 'others', not '${scope}'.`)
      const { session } = vault
      if (scope !== 'others') {
        intent++
        await end('signed_out')
      }
      if (!session) return { revoked: false }
      const tokens = { accessToken: session.accessToken ?? '', refreshToken: session.refreshToken }
      return revoke(tokens, scope).then(
        () => ({ revoked: true }),
        () => ({ revoked: false }),
      )
    },
    async refresh() {
      alive()
      refresher.hurry(0)
      await renewed()
    },
    async getAccessToken() {
      alive()
      if (restoring) await restored
      const { session } = vault
      if (!session) return null
      if (isExpired(session, clock.now())) await renewed()
      return vault.session?.accessToken ?? null
    },
    exchange: createExchange({
      vault,
      ports,
      refresher,
      life: life.signal,
      restored: ready,
      restoring: () => restoring,
      poke() {
        const at = nextAt()
        if (at !== null && at <= clock.now()) ring()
      },
      diagnose: (error) => store.emit('diagnostic', { error }),
    }),
    inspect() {
      const { session } = vault
      const { error } = refresher
      return {
        status: store.state.status,
        sessionId: session?.id ?? null,
        receivedAt: session?.receivedAt ?? null,
        expiresAt: session?.expiresAt ?? null,
        nextRefreshAt: session && (refresher.retryAt() ?? dueAt(session, margin, jitter, clock.now())),
        lastRefreshAt: refresher.renewedAt,
        lastRefreshBy: lastBy,
        refreshing: !!refresher.flight,
        lock: refresher.lock,
        failures: refresher.failures,
        lastError: error && { code: error.code, message: error.message },
        skew: session?.skew ?? 0,
        persisted: vault.persisted,
      }
    },
    dispose() {
      if (life.signal.aborted) return
      vault.epoch++
      life.abort(new AuthError('disposed', 'auth.dispose() was called.'))
      alarm.off()
      stopWaking()
      channel?.close()
      store.clear()
    },
  }
  return Object.freeze(auth)
}

function checkOptions({ backend, storage }: Partial<AuthOptions>, margin: number, timeout: number) {
  const wrong = (message: string) => {
    throw new AuthError('misconfigured', `createAuth: ${message}`)
  }
  if (!backend?.signIn || !backend.refresh || !backend.signOut)
    wrong("backend is missing or incomplete; pass for instance restBackend({ baseUrl: '/api' }).")
  if (!storage?.read || !storage.write || !storage.clear)
    wrong('storage is missing or incomplete; pass for instance cookieStorage().')
  if (!(margin >= 0)) wrong(`refreshMargin must be 0 or more milliseconds, not ${margin}.`)
  if (!(timeout > 0)) wrong(`timeout must be more than 0 milliseconds, not ${timeout}.`)
}
