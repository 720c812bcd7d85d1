import axios, { type AxiosInstance } from 'axios'
import { type Auth, type AuthEvents, type AuthState, type Ports, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import type { FakeTab } from 'keyturn/testing'
import { createEngine } from '../../../src/core/create-engine.ts'
import { stream } from './random.ts'
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
}

const EVENTS = ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'storage_failed', 'diagnostic'] as const

export const isOpen = ({ fake, disposed }: SimTab): boolean => fake.process.status !== 'closed' && !disposed
export const isRunning = (tab: SimTab): boolean => isOpen(tab) && tab.fake.process.status === 'running'

export function openTab(sim: Sim): SimTab {
  const number = sim.tabs.length
  const name = String.fromCharCode(65 + (number % 26)) + (number < 26 ? '' : Math.floor(number / 26))
  const fake = sim.browser.openTab()
  const { process } = fake
  const random = stream(sim.world.seed, 'tab', name)
  const tab: { -readonly [Key in keyof SimTab]: SimTab[Key] } = {
    name,
    fake,
    disposed: false,
    throttled: false,
    locks: 0,
    deeds: 0,
    // Set below: the engine may use its ports while it is being made.
    auth: null as unknown as Auth<User>,
    api: null as unknown as AxiosInstance,
  }
  sim.tabs.push(tab)
  sim.timeline.note(name, 'opens')

  const ports: Ports = {
    ...fake.ports,
    readToken: sim.readToken,
    random,
    newId: () => `${name}-${Math.floor(random() * 1e9)}`,
    clock: watchClock(sim, tab),
    lock: watchLock(sim, tab),
    openChannel: watchChannel(sim, tab),
    fetch: sim.network.fetchOf(tab),
  }
  const storage = sim.shelf.open(process)
  // Not createAuth: in development it adds what the devtools follow, which is no part of what is shown here.
  tab.auth = createEngine<User, unknown>(
    { backend: restBackend<User, unknown>({ baseUrl: '/api' }), storage: watchStorage(sim, tab, storage) },
    ports,
  )
  for (const event of EVENTS) {
    tab.auth.on(event, (payload: AuthEvents<User>[typeof event]) => {
      if (process.status === 'closed') return
      sim.timeline.note(name, event, summary(payload))
      sim.watch.event(tab, event, payload)
    })
  }
  const noteState = (): void => {
    if (process.status === 'closed') return
    const state = tab.auth.getState()
    sim.timeline.note(name, 'is', describe(state))
    sim.watch.state(tab, state)
  }
  tab.auth.subscribe(noteState)
  noteState()
  tab.api = axios.create({ baseURL: '/api', adapter: sim.network.adapterOf(tab) })
  attachAuth(tab.api, tab.auth)
  void sim.promises.expect(tab, 'ready', tab.auth.ready)
  return tab
}

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
      return clock.setTimeout(() => {
        fired = at === sim.truth.elapsed() ? fired + 1 : 0
        at = sim.truth.elapsed()
        if (fired < MOST_TIMERS) return run()
        sim.watch.busy(tab, 'lets timers fire at one instant')
        tab.fake.process.close()
      }, ms)
    },
    clearTimeout: clock.clearTimeout,
  }
}

function watchLock(sim: Sim, tab: SimTab): Ports['lock'] {
  const { lock } = tab.fake.ports
  if (sim.world.browser.locks === 'failing') {
    return () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))
  }
  return (
    lock &&
    ((name, signal, task) => {
      deed(sim, tab, 'asks for the lock')
      return lock(name, signal, async () => {
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

function watchChannel(sim: Sim, tab: SimTab): Ports['openChannel'] {
  const { openChannel } = tab.fake.ports
  return (
    openChannel &&
    ((name, receive) => {
      const channel = openChannel(name, (message) => {
        sim.timeline.note(tab.name, 'hears', message)
        receive(message)
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

function watchStorage(sim: Sim, tab: SimTab, storage: ReturnType<Sim['shelf']['open']>): typeof storage {
  return {
    ...storage,
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
