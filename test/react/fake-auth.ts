import type { Auth, AuthEvents, AuthInspection, AuthState } from '../../src/core/types.ts'

export interface User {
  readonly name: string
}

export interface Credentials {
  readonly name: string
}

export const LOADING: AuthState<User> = { status: 'loading', user: null, problem: null }
export const NOBODY: AuthState<User> = {
  status: 'unauthenticated',
  user: null,
  problem: null,
  reason: 'none',
  error: null,
}
export const somebody = (name: string): AuthState<User> => ({ status: 'authenticated', user: { name }, problem: null })

/** What comes with a `refreshed` event. */
export const rotation = (by: 'this_tab' | 'other_tab') => ({ user: { name: 'Ada' }, by })

export interface FakeAuth extends Auth<User, Credentials> {
  /** Puts the session into a state, as the engine would: no call when it is the same one. */
  readonly set: (state: AuthState<User>) => void
  readonly emit: <Name extends keyof AuthEvents>(event: Name, payload: AuthEvents<User>[Name]) => void
  /** How many listeners there are right now, of state and of events. */
  readonly listeners: () => number
}

/** An `Auth` without an engine: a store that a test drives by hand. */
export function fakeAuth(initial: AuthState<User> = LOADING): FakeAuth {
  let state = initial
  const subscribers = new Set<() => void>()
  const listeners = new Set<{ event: string; listener: (payload: never) => void }>()

  const set = (next: AuthState<User>) => {
    if (next === state) return
    state = next
    for (const subscriber of [...subscribers]) subscriber()
  }

  return {
    set,
    emit: (event, payload) => {
      for (const entry of [...listeners]) if (entry.event === event) entry.listener(payload as never)
    },
    listeners: () => subscribers.size + listeners.size,
    getState: () => state,
    subscribe: (listener) => {
      const entry = () => listener()
      subscribers.add(entry)
      return () => subscribers.delete(entry)
    },
    on: (event, listener) => {
      const entry = { event, listener }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    ready: Promise.resolve(initial),
    signIn: async ({ name }) => {
      set(somebody(name))
      return { name }
    },
    adopt: async ({ user }) => {
      if (!user) throw new Error('the fake needs a user')
      set(somebody(user.name))
      return user
    },
    report: () => {},
    reloadUser: async () => {
      if (!state.user) throw new Error('nobody is signed in')
      return state.user
    },
    signOut: async () => {
      set({ ...NOBODY, reason: 'signed_out' } as AuthState<User>)
      return { revoked: true }
    },
    refresh: async () => {},
    getAccessToken: async () => null,
    exchange: async () => {
      throw new Error('the fake sends nothing')
    },
    inspect: () => ({}) as AuthInspection,
    dispose: () => {},
  }
}
