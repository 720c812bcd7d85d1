import type { AuthEvents, AuthState } from './types.ts'

/** State and events. A listener that throws is reported as an unhandled rejection and disturbs nobody else. */
export interface Store<User> {
  readonly state: () => AuthState<User>
  /** Replaces the state, and tells subscribers, unless nothing in it differs. */
  set(next: AuthState<User>): void
  on<Name extends keyof AuthEvents>(event: Name, listener: (payload: AuthEvents<User>[Name]) => void): () => void
  emit<Name extends keyof AuthEvents>(event: Name, payload: AuthEvents<User>[Name]): void
  subscribe(listener: () => void): () => void
  clear(): void
}

export function createStore<User>(state: AuthState<User>): Store<User> {
  /** Subscribers to the state are listed under ''. */
  const listeners = new Set<readonly [event: string, call: (payload: never) => void]>()
  const on = (event: string, call: (payload: never) => void) => {
    const entry = [event, call] as const
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }
  const emit = (event: string, payload?: unknown) => {
    for (const [name, call] of [...listeners]) {
      if (name === event) void (async () => call(payload as never))()
    }
  }
  return {
    state: () => state,
    set(next) {
      const entries = Object.entries(next)
      if (entries.every(([key, value]) => (state as Record<string, unknown>)[key] === value)) return
      state = Object.freeze(next)
      emit('')
    },
    on,
    emit,
    subscribe: (listener) => on('', listener),
    clear: () => listeners.clear(),
  }
}
