import { createAlarm } from './alarm.ts'
import { checkOptions } from './check-options.ts'
import { createDoors } from './doors.ts'
import { AuthError } from './errors.ts'
import { createExchange, WAIT_LIMIT } from './exchange.ts'
import { createKeeper } from './keeper.ts'
import { lazily } from './lazily.ts'
import { createLeaving } from './leaving.ts'
import { createLife } from './life.ts'
import { noop, sleep, within } from './limits.ts'
import { nextAlarm, pause, refreshAt, stale, told, youth } from './memory.ts'
import { createMessages } from './messages.ts'
import { namesOf } from './names.ts'
import { createPerson } from './person.ts'
import type { Ports } from './ports.ts'
import { createRefresher } from './refresh.ts'
import { createRenewal } from './renewal.ts'
import { createServer } from './server.ts'
import { BOTH_VISIBLE, isAskable, isExpired, leadOf, unconfirmed } from './session.ts'
import { takeUp } from './start.ts'
import { createStore } from './store.ts'
import { createTabs, MEND_AFTER } from './tabs.ts'
import type { Auth, AuthOptions, AuthState, Backend } from './types.ts'
import { createVault } from './vault.ts'

/** After waking, a failing refresh is tried again no sooner than this (ms). */
const WAKE_PAUSE = 1_000

/** The engine over given ports. Apps call `createAuth`, which adds those of the browser. */
export function createEngine<User, Credentials>(
  given: AuthOptions<User, Credentials>,
  ports: Ports,
): Auth<User, Credentials> {
  // Own properties only: not what somebody hung on Object.prototype.
  const options: AuthOptions<User, Credentials> = Object.assign(Object.create(null), given)
  checkOptions(options)
  const { storage, timeout = 10_000 } = options
  const backend = options.backend as Backend
  const { kind = BOTH_VISIBLE, renewAfter } = backend
  const lead = leadOf(options.refreshMargin, renewAfter)
  const { clock } = ports
  const names = lazily(() => namesOf(options, ports.page))
  const lockName = storage.key && `keyturn:${storage.key}`
  const jitter = lazily(ports.random)
  const life = createLife()

  const store = createStore<unknown>({ status: 'loading', user: null, problem: null })
  const { state, emit } = store
  const warn = (error: AuthError) => emit('diagnostic', { error })
  const failed = (error: AuthError) => emit('storage_failed', { error })
  const vault = createVault({ storage, ports, kind, names, timeout, life, failed, warn })
  const keeper = createKeeper(ports, store, vault, () => setAlarm())
  const { memory, session } = keeper
  const messages = createMessages(ports, lockName, life, store, keeper, (lost) => tabs.look(lost))
  const tabs = createTabs(ports, kind, storage.lifetime ?? Infinity, life, keeper, vault, messages.announce)
  const server = createServer(backend, kind, ports, timeout, life, warn)
  const leaving = createLeaving(kind, ports, lockName, life, keeper, vault, server)
  const renewal = createRenewal(ports, store, keeper, tabs, messages, server, leaving)
  const shared = { ports, lockName, note: storage.lease, timeout, life, store, keeper, tabs, messages, renewal }
  const refresher = createRefresher(shared)
  const person = createPerson(clock.now, store, keeper, tabs, messages, server, refresher)
  const doors = createDoors(ports, life, keeper, messages, server, vault, leaving, tabs)

  // ---- Time ----

  /** What the app's function throws keeps no session from being renewed. */
  const mayRenew = () => {
    try {
      return !session()?.renewable || options.renewWhile?.() !== false
    } catch {
      return true
    }
  }
  const nextAt = () => {
    const now = clock.now()
    const at = refresher.flight() || life.over() || !session() ? null : nextAlarm(memory(), lead, jitter(), now)
    return at !== null && at <= now && !mayRenew() ? null : at
  }
  const ring = () => {
    const now = clock.now()
    // Or the clock was moved, and it may no longer be time.
    if (pause(memory(), now) || youth(memory(), now)) keeper.note()
    else if (mayRenew()) refresher.run('timer').catch(noop)
  }
  const setAlarm = createAlarm(clock, nextAt, ring)
  const poke = () => {
    const at = nextAt()
    if (at !== null && at <= clock.now()) ring()
  }
  const stopWaking = ports.onWake(async (reason) => {
    if (reason !== 'storage') refresher.hurry(WAKE_PAUSE)
    await tabs.look()
    if (reason === 'online') leaving.again()
    setAlarm()
  })

  // ---- Start-up ----

  const askable = isAskable(kind)
  /** Takes up what storage holds, unless somebody has signed in or out meanwhile. Resolves when that has come to an end. */
  const restore = (): Promise<unknown> | undefined => {
    restoring = null
    if (state().status !== 'loading' || session() || life.over()) return
    const asks = () => askable && !!ports.page && (options.restore === 'always' || !!storage.hint?.())
    const mend = takeUp(ports, kind, keeper, vault, asks)
    leaving.again()
    void person.ask()
    if (mend) sleep(clock, MEND_AFTER, life.signal()).then(() => tabs.look(), noop)
    return state().status === 'loading' ? refresher.run('start').catch(noop) : undefined
  }
  let restoring: Promise<unknown> | null = vault.settle()?.then(restore) ?? null
  const first = restoring ?? restore()
  const ready = lazily(() =>
    first ? within(clock, first, WAIT_LIMIT, noop, life.signal()).then(state, state) : Promise.resolve(state()),
  )
  if (first) void ready()

  // ---- What apps call ----

  const alive = () => life.signal().throwIfAborted()
  const within14s = <T>(run: () => Promise<T>) =>
    within(clock, run(), WAIT_LIMIT, () => {
      throw stale(keeper.memory(), clock.now())
    })
  /** Settles when it is known whether there is a session; null once that is over, or somebody has signed in or out. */
  const restored = () => ((restoring || session()?.version === 0) && state().status === 'loading' ? ready() : null)
  const look = kind.access === 'cookie' ? doors.look : null
  const exchange = createExchange(ports, store, keeper, refresher, restored, poke, look)

  return Object.freeze<Auth<User, Credentials>>({
    getState: state as () => AuthState<User>,
    subscribe: store.subscribe,
    on: store.on as Auth<User>['on'],
    get ready() {
      return ready() as Promise<AuthState<User>>
    },
    signIn: (credentials) => doors.signIn(credentials) as Promise<User>,
    adopt: (answer) => doors.adopt(answer) as Promise<User>,
    signOut: async ({ scope = 'local', reason } = {}) => doors.signOut(scope, reason),
    async reloadUser() {
      alive()
      return person.reload() as Promise<User>
    },
    async refresh() {
      alive()
      let id: string | undefined
      const again = async () => {
        const opening = restored()
        if (opening) await opening
        id = session()?.id
        // Nobody is known here, and the server may know somebody.
        if (askable && !session()) keeper.restore(unconfirmed(ports.newId(), kind, clock.now()))
        await refresher.again().catch((error) => {
          // The session goes on: it was renewed, and is another person's now.
          if (error.code !== 'session_changed' || !id || session()?.id !== id) throw error
        })
        // The answer did not say who the user is now.
        if (!memory().renewed?.told && backend.getUser) await person.reload()
      }
      await within14s(again)
    },
    async getAccessToken({ minLife } = {}) {
      alive()
      const renew = async () => {
        const opening = restored()
        if (opening) await opening
        const mine = session()
        if (!mine) return
        const { expiresAt, receivedAt, renewable } = mine
        const now = clock.now()
        const life = minLife ?? Math.min(10_000, ((expiresAt ?? now) - receivedAt) / 10)
        if (isExpired(mine, renewable ? now + life : now)) await refresher.run(renewable ? 'app' : 'request')
      }
      // What has not run out yet is better than nothing.
      await within14s(renew).catch((error) => {
        if (isExpired(session(), clock.now())) throw error
      })
      return session()?.accessToken ?? null
    },
    exchange,
    report: warn,
    inspect() {
      const nextRefreshAt = session() && refreshAt(memory(), lead, jitter(), clock.now())
      const refreshing = !!refresher.flight()
      const backend = names()[0] ?? null
      return { status: state().status, backend, nextRefreshAt, refreshing, lock: refresher.lock(), ...told(memory()) }
    },
    dispose() {
      if (life.over()) return
      life.end(new AuthError('disposed', 'auth.dispose() was called.'))
      keeper.stop(life.signal().reason)
      setAlarm()
      stopWaking()
      messages.close()
      leaving.stop()
      store.clear()
    },
  })
}
