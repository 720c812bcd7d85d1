import type { AuthEvents, AuthState } from './types.ts'

/** State and events. A listener that throws is reported as an unhandled rejection and disturbs nobody else. */
export interface Store<User> {
  state: AuthState<User>
  /** Replaces the state, and tells subscribers, unless nothing in it differs. */
  set(next: AuthState<User>): void
  subscribe(listener: () => void): () => void
  on<Name extends keyof AuthEvents>(event: Name, listener: (payload: AuthEvents<User>[Name]) => void): () => void
  emit<Name extends keyof AuthEvents>(event: Name, payload: AuthEvents<User>[Name]): void
  clear(): void
}

type Listener = (payload: never) => void

export function createStore<User>(initial: AuthState<User>): Store<User> {
  const listeners = new Map<string, Set<Listener>>()

  const on = (event: string, listener: Listener) => {
    // A wrapper, so that one function subscribed twice is called twice and removed once.
    const entry: Listener = (payload) => listener(payload)
    const set = listeners.get(event) ?? new Set()
    listeners.set(event, set.add(entry))
    return () => void set.delete(entry)
  }
  const emit = (event: string, payload: unknown) => {
    for (const listener of [...(listeners.get(event) ?? [])]) {
      try {
        listener(payload as never)
      } catch (error) {
        void Promise.reject(error)
      }
    }
  }

  const store: Store<User> = {
    state: initial,
    set(next) {
      const now = store.state as Record<string, unknown>
      if (Object.entries(next).every(([key, value]) => now[key] === value)) return
      store.state = Object.freeze(next)
      emit('', undefined)
    },
    subscribe: (listener) => on('', listener),
    on,
    emit,
    clear: () => listeners.clear(),
  }
  return store
}
