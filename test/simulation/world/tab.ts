import axios, { AxiosError, type AxiosInstance } from 'axios'
import {
  type Auth,
  type AuthEvents,
  type AuthState,
  type AuthStorage,
  type Ports,
  restBackend,
  type TraceRecord,
} from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import type { FakeTab } from 'keyturn/testing'
import { createEngine } from '../../../src/core/create-engine.ts'
import type { Computer } from '../processes/computer.ts'
import { fakeOf, openFile, startAuth, whyNot } from '../processes/start.ts'
import { apart } from './apart.ts'
import { kindOf } from './hidden.ts'
import { draw, stream } from './random.ts'
import type { Sim } from './sim.ts'

/** What the app shows: the user of the server's answer, or the claims of the token. */
export interface User {
  readonly id?: string
  readonly sub?: string
  readonly email?: string
}

/** One tab: the real engine and the real axios adapter on simulated surroundings. */
export interface SimTab {
  /** A, B, C … in the order of opening. */
  readonly name: string
  readonly fake: FakeTab
  readonly auth: Auth<User>
  readonly api: AxiosInstance
  disposed: boolean
  throttled: boolean
  /** Locks it has asked for, messages it has posted, writes it has begun. */
  deeds: number
  /** Locks that it holds. */
  locks: number
  /** Ends a process as one that is asked to; null: a tab. */
  close: (() => Promise<void>) | null
}

const EVENTS = ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'storage_failed', 'diagnostic'] as const

export const isOpen = ({ fake, disposed }: SimTab): boolean => fake.process.status !== 'closed' && !disposed
export const isRunning = (tab: SimTab): boolean => isOpen(tab) && tab.fake.process.status === 'running'

/** Opens a tab, or starts a process, which may fail where its file cannot be used. */
export function openTab(sim: Sim): SimTab {
  const number = sim.computer ? sim.computer.started++ : sim.tabs.length
  const name = String.fromCharCode(65 + (number % 26)) + (number < 26 ? '' : Math.floor(number / 26))
  const page = sim.browser.openTab()
  const host = sim.computer && fakeOf(sim.computer, page, name)
  const fake = host ?? page
  const { process } = fake
  const { throws = false } = sim.world.browser
  const origin = apart(sim.world.browser) && number % 2 ? 'other origin: ' : ''
  const random = sim.held ? () => 0 : stream(sim.world.seed, 'tab', name)
  let ids = 0
  const tab: { -readonly [Key in keyof SimTab]: SimTab[Key] } = {
    name,
    fake,
    disposed: false,
    throttled: false,
    locks: 0,
    deeds: 0,
    close: null,
    // Set below: the engine may use its ports while it is being made.
    auth: null as unknown as Auth<User>,
    api: null as unknown as AxiosInstance,
  }
  sim.tabs.push(tab)
  sim.timeline.note(name, 'opens')
  let calls = 0
  /** The app's code, called by the kit: it may throw. */
  const thrower = <T>(point: string, value?: T): T => {
    if (throws && draw(sim.world.seed, 'throws', name, point, ++calls) < 0.3) throw new Error(THROWN)
    return value as T
  }

  const own = {
    readToken: sim.readToken,
    random,
    newId: () => `${name}-${sim.held ? ++ids : Math.floor(random() * 1e9)}`,
    clock: watchClock(sim, tab),
    fetch: sim.network.fetchOf(tab),
    trace: (record: TraceRecord) => sim.watch.traced(tab, record),
  }
  const baseURL = sim.computer ? `${new URL(sim.href).origin}/api` : '/api'
  const backend = restBackend<User, unknown>({
    baseUrl: baseURL,
    ...(sim.world.server.equal ? { kind: { access: 'token', refresh: 'none' } as const } : {}),
    ...(sim.world.server.kind ? { kind: kindOf(sim.world.server.kind) } : {}),
    ...(throws ? { toUser: (user: unknown) => thrower('toUser', user as User) } : {}),
  })
  if (host && sim.computer) {
    const file = opened(sim, tab, () => openFile(sim.computer as Computer, host.seat))
    const lock = watchLock(sim, tab, file.lock)
    const storage = { ...watchStorage(sim, tab, file), lock: lock ?? file.lock }
    Object.assign(tab, startAuth(sim, storage, backend, { ...own, lock }))
  } else {
    const ports: Ports = {
      ...fake.ports,
      ...own,
      page: { href: () => sim.href, base: () => sim.base },
      lock: watchLock(sim, tab, fake.ports.lock, origin),
      openChannel: watchChannel(sim, tab, origin),
    }
    const storage = watchStorage(sim, tab, sim.shelf.open(process, name))
    const { restore } = sim.world.browser
    const asked = restore && ({ restore: restore === 'always' ? 'always' : 'hint' } as const)
    // Not createAuth: in development it adds what the devtools follow, which is no part of what is shown here.
    tab.auth = createEngine<User, unknown>({ backend, storage, ...asked }, ports)
  }
  for (const event of EVENTS) {
    tab.auth.on(event, (payload: AuthEvents<User>[typeof event]) => {
      if (process.status === 'closed') return
      sim.timeline.note(name, event, summary(payload))
      sim.watch.event(tab, event, payload)
      thrower(event)
    })
  }
  const noteState = (): void => {
    if (process.status === 'closed') return
    const state = tab.auth.getState()
    sim.timeline.note(name, 'is', describe(state))
    sim.watch.state(tab, state)
    thrower('subscriber')
  }
  tab.auth.subscribe(noteState)
  sim.watch.state(tab, tab.auth.getState())
  sim.timeline.note(name, 'is', describe(tab.auth.getState()))
  tab.api = axios.create({ baseURL, adapter: sim.network.adapterOf(tab) })
  sendAgain(sim, tab)
  attachAuth(tab.api, tab.auth, sim.world.browser.whose ? { whose: ownAnswer } : {})
  void sim.promises.expect(tab, 'ready', tab.auth.ready)
  return tab
}

/** The API tells whom it has answered, and the app compares. */
const ownAnswer = ({ data }: { readonly data: string }, user: User | null): boolean | undefined => {
  const id = /"userId":"([^"]*)"/.exec(String(data))?.[1]
  return id === undefined ? undefined : id === (user?.id ?? user?.sub)
}

/** A process whose file cannot be used ends before it has begun. */
function opened<T>(sim: Sim, tab: SimTab, open: () => T): T {
  try {
    return open()
  } catch (error) {
    sim.timeline.note(tab.name, 'cannot start:', whyNot(error))
    tab.fake.process.close()
    sim.tabs.splice(sim.tabs.indexOf(tab), 1)
    throw error
  }
}

/** What the app's own code throws. The kit hands it on, and nothing else comes of it. */
export const THROWN = 'thrown by the app'

/** As retry libraries do: whatever has failed without an answer, or by the server's fault, is sent again. */
function sendAgain(sim: Sim, tab: SimTab): void {
  const { retries = 0 } = sim.world.browser
  if (!retries) return
  tab.api.interceptors.response.use(undefined, async (error) => {
    const config = error?.config as (object & { tries?: number }) | undefined
    const { tries = 0 } = config ?? {}
    if (!config || tries >= retries || error.code === AxiosError.ERR_CANCELED || error.response?.status < 500)
      throw error
    config.tries = tries + 1
    await new Promise<void>((resolve) => sim.device.setTimeout(() => tab.fake.process.enter(resolve), RETRY_AFTER))
    return tab.api.request(config as Parameters<typeof tab.api.request>[0])
  })
}
export const RETRY_AFTER = 300

const summary = (payload: AuthEvents<User>[keyof AuthEvents]): string =>
  Object.entries(payload)
    .map(([key, value]) =>
      value instanceof Error
        ? `${(value as { code?: string }).code}: ${value.message}`
        : key === 'user'
          ? value?.email
          : value,
    )
    .filter((text) => text !== null)
    .join(' ')

export const describe = (state: AuthState<User>): string =>
  [
    state.status,
    state.user?.email,
    state.status === 'unauthenticated' ? `(${state.reason})` : null,
    state.problem && `with ${state.problem.code}`,
  ]
    .filter(Boolean)
    .join(' ')

/** More of these than a tab has reason for. A storm would not end by itself, and nor would the world. */
const MOST_DEEDS = 3_000

function deed(sim: Sim, tab: SimTab, what: string): void {
  sim.watch.effect(tab, what)
  if (++tab.deeds < MOST_DEEDS || !isOpen(tab)) return
  sim.watch.busy(tab, what)
  tab.fake.process.close()
}

/**
 * A timer that fires again and again without any time passing would keep a browser busy for good. (A tab that is thawed
 * hears all at once what hundreds of refreshes told, and looks at storage after each message.)
 */
const MOST_TIMERS = 10_000

function watchClock(sim: Sim, tab: SimTab): Ports['clock'] {
  const { clock } = tab.fake.ports
  let at = -1
  let fired = 0
  return {
    now: clock.now,
    setTimeout(run, ms) {
      sim.watch.effect(tab, 'sets a timer')
      const set = (): unknown =>
        clock.setTimeout(() => {
          fired = at === sim.truth.elapsed() ? fired + 1 : 0
          at = sim.truth.elapsed()
          if (fired < MOST_TIMERS) return run()
          sim.watch.busy(tab, 'lets timers fire at one instant')
          tab.fake.process.close()
        }, ms)
      return sim.held ? sim.held.own(tab.name, set) : set()
    },
    clearTimeout: clock.clearTimeout,
  }
}

/** In the walk: resolves when that is chosen, in a tab that runs. */
const arrives = (sim: Sim, tab: SimTab, what: string, detail = ''): Promise<void> =>
  new Promise((resolve) => {
    const run = (): void => tab.fake.process.enter(resolve)
    sim.held?.send({ what: `${tab.name} ${what}`, to: tab.name, detail, run }, sim.world.browser.delay)
  })

function watchLock(sim: Sim, tab: SimTab, lock: Ports['lock'], origin = ''): Ports['lock'] {
  if (sim.world.browser.locks === 'failing') {
    return () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))
  }
  return (
    lock &&
    ((name, signal, task) => {
      deed(sim, tab, 'asks for the lock')
      return lock(origin + name, signal, async () => {
        if (sim.held) {
          await arrives(sim, tab, 'gets the lock')
          if (signal.aborted) return
        }
        sim.timeline.note(tab.name, 'has the lock')
        tab.locks++
        try {
          await task()
        } finally {
          tab.locks--
        }
      })
    })
  )
}

function watchChannel(sim: Sim, tab: SimTab, origin: string): Ports['openChannel'] {
  const { openChannel } = tab.fake.ports
  return (
    openChannel &&
    ((name, receive) => {
      const hear = (message: string): void => {
        sim.timeline.note(tab.name, 'hears', message)
        receive(message)
      }
      const channel = openChannel(origin + name, (message) => {
        if (sim.held) void arrives(sim, tab, 'hears', message).then(() => hear(message))
        else hear(message)
      })
      return {
        post(message) {
          deed(sim, tab, 'posts a message')
          sim.watch.told(tab, 'a message', message)
          channel.post(message)
        },
        close: channel.close,
      }
    })
  )
}

function watchStorage<Storage extends AuthStorage>(sim: Sim, tab: SimTab, storage: Storage): Storage {
  return {
    ...storage,
    read() {
      const found = storage.read()
      if (sim.held && !(found instanceof Promise)) sim.watch.read(tab, found)
      return found
    },
    write(session, context) {
      deed(sim, tab, 'writes to storage')
      sim.timeline.note(
        tab.name,
        'writes',
        sim.ledger.alias(session.accessToken),
        sim.ledger.alias(session.refreshToken),
        session.record?.over ?? `${session.record?.order}/${session.record?.version}`,
      )
      return storage.write(session, context)
    },
  }
}
