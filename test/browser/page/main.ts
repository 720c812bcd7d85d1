import axios, { type AxiosInstance } from 'axios'
import {
  type Auth,
  type AuthError,
  type AuthEvents,
  type AuthState,
  cookieStorage,
  createAuth,
  memoryStorage,
  type PasswordCredentials,
  restBackend,
} from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { type AuthFetch, createAuthFetch } from 'keyturn/fetch'
import { AuthProvider, useAuth } from 'keyturn/react'
import { createElement, type ReactNode, useLayoutEffect } from 'react'
import { createRoot } from 'react-dom/client'

export interface User {
  readonly id: string
  readonly email: string
  readonly user_metadata: Readonly<Record<string, unknown>>
}

/** What the page had to show at some moment. */
export interface Seen {
  /** In ms since 1970, by a clock that no sleep moves. */
  readonly at: number
  readonly status: AuthState['status']
  readonly email: string | null
  readonly problem: string | null
}

export interface SeenEvent {
  readonly name: keyof AuthEvents
  readonly code: string | null
  readonly reason: string | null
  readonly by: string | null
}

/** How one call ended: a status, or the code of the kit's error. */
export interface Outcome {
  readonly status: number | null
  readonly code: string | null
  readonly message: string
  /** How long it took, in ms. */
  readonly took: number
}

// What follows up to `attachAuth` is the quick start.
const quickAuth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: cookieStorage() })
const api: AxiosInstance = axios.create({ baseURL: '/api' })
attachAuth(api, quickAuth)

const auth = quickAuth as Auth<User, PasswordCredentials>

/** A clock of its own for what is measured. */
const clock = (): number => performance.timeOrigin + performance.now()
const sight = ({ status, user, problem }: AuthState<User>): Seen => ({
  at: clock(),
  status,
  email: user?.email ?? null,
  problem: problem?.code ?? null,
})

const states: Seen[] = [sight(auth.getState())]
auth.subscribe(() => states.push(sight(auth.getState())))
const events: SeenEvent[] = []
const names = ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'storage_failed', 'diagnostic'] as const
for (const name of names) {
  auth.on(name, (payload) => {
    const { error, reason, by } = payload as { error?: AuthError | null; reason?: string; by?: string }
    events.push({ name, code: error?.code ?? null, reason: reason ?? null, by: by ?? null })
  })
}

const views: Seen[] = []

function View(): ReactNode {
  const state = useAuth<User, PasswordCredentials>()
  useLayoutEffect(() => {
    views.push(sight(state))
  }, [state])
  return createElement(
    'main',
    { 'data-status': state.status },
    createElement('p', { id: 'user' }, state.user?.email ?? ''),
    createElement('p', { id: 'problem' }, state.problem?.code ?? ''),
  )
}

createRoot(document.getElementById('root') as HTMLElement).render(
  createElement(AuthProvider, { auth }, createElement(View)),
)

const realNow = Date.now
const sleeps: { readonly at: number; readonly ms: number }[] = []
Date.now = () => {
  const now = realNow()
  return sleeps.reduce((sum, { at, ms }) => (now >= at ? sum + ms : sum), now)
}

/** What a tab that sleeps does when it is woken. */
let wakeAt: (at: number) => void = () => {}
/** Opened by the first sleep: an open channel is one more thing that a browser may hold against a page. */
let alarm: BroadcastChannel | undefined

async function outcome(call: () => Promise<{ readonly status: number }>): Promise<Outcome> {
  const start = clock()
  try {
    const { status } = await call()
    return { status, code: null, message: '', took: clock() - start }
  } catch (thrown) {
    const { response, code, message, cause } = thrown as {
      readonly response?: { readonly status: number }
      readonly code?: string
      readonly message: string
      readonly cause?: { readonly code?: string }
    }
    const took = clock() - start
    return { status: response?.status ?? null, code: cause?.code ?? code ?? null, message, took }
  }
}

const kit = {
  auth,
  api,
  authFetch: createAuthFetch(auth) as AuthFetch,
  axios,
  createAuth,
  restBackend,
  cookieStorage,
  memoryStorage,
  attachAuth,
  createAuthFetch,
  /** Each state of the engine, each state that was rendered, each event: oldest first. */
  states: states as readonly Seen[],
  views: views as readonly Seen[],
  events: events as readonly SeenEvent[],
  clock,
  outcome,
  /** From now on the machine has slept for `ms`: the clock has jumped, no timer has run. */
  jump: (ms: number): void => {
    sleeps.push({ at: realNow(), ms })
  },
  /** Falls asleep for `ms`. Once woken it sends `count` GETs to `path`; `sent` tells what became of them. */
  sleep: (ms: number, path: string, count: number): void => {
    alarm ??= new BroadcastChannel('alarm of the tests')
    alarm.onmessage = ({ data }) => wakeAt(data)
    kit.sent = new Promise((resolve) => {
      wakeAt = (at) => {
        sleeps.push({ at, ms })
        setTimeout(() => resolve(kit.many(path, count)), Math.max(at - realNow(), 0))
      }
    })
  },
  sent: Promise.resolve<readonly Outcome[]>([]),
  /**
   * Wakes all tabs that sleep, this one among them, in a moment. A tab that comes to it later jumps when it does, still before
   * it hears anything from a tab that has been woken: the alarm was there first.
   */
  wake: (): void => {
    const at = realNow() + 100
    alarm?.postMessage(at)
    wakeAt(at)
  },
  /** Sends `count` GETs to `path`, by turns through axios and `fetch`, each with a number of its own. */
  many: (path: string, count: number): Promise<readonly Outcome[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        outcome(() => (index % 2 ? kit.authFetch(`/api${path}?n=${index}`) : api.get(path, { params: { n: index } }))),
      ),
    ),
}

export type Kit = typeof kit

declare global {
  interface Window {
    kit: Kit
  }
}

window.kit = kit
