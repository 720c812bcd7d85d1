import type { AuthEvents, AuthState } from './types.ts'

/** One event with what it tells. */
export type Event<User = unknown> = {
  [Name in keyof AuthEvents]: readonly [name: Name, payload: AuthEvents<User>[Name]]
}[keyof AuthEvents]

/**
 * State and events. A listener that throws is reported as an unhandled rejection and disturbs nobody else; what a listener
 * brings about is told after what it is being told.
 */
export interface Store<User> {
  readonly state: () => AuthState<User>
  /**
   * Replaces the state, unless nothing in it differs, and tells the events: `user_changed` before subscribers to the state,
   * so that nobody shows the new person data of the old one; all others after them.
   */
  commit(next: AuthState<User>, ...events: readonly Event<User>[]): void
  on<Name extends keyof AuthEvents>(event: Name, listener: (payload: AuthEvents<User>[Name]) => void): () => void
  emit(...event: Event<User>): void
  subscribe(listener: () => void): () => void
  clear(): void
}

/** Subscribers to the state are listed under ''. */
type Told = readonly [name: string, payload?: unknown]

export function createStore<User>(state: AuthState<User>): Store<User> {
  const listeners = new Set<readonly [event: string, call: (payload: never) => void]>()
  const queue: Told[] = []
  let telling = false

  const on = (event: string, call: (payload: never) => void) => {
    const entry = [event, call] as const
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }
  const tell = (...events: readonly Told[]) => {
    queue.push(...events)
    if (telling) return
    telling = true
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, payload] = next
      for (const entry of [...listeners]) {
        if (entry[0] === name && listeners.has(entry)) void (async () => entry[1](payload as never))()
      }
    }
    telling = false
  }
  return {
    state: () => state,
    commit(next, ...events) {
      const differs = Object.entries(next).some(([key, value]) => (state as Record<string, unknown>)[key] !== value)
      if (differs) state = Object.freeze(next)
      const first = ([name]: Told) => name === 'user_changed'
      tell(...events.filter(first), ...(differs ? ([['']] as const) : []), ...events.filter((event) => !first(event)))
    },
    on,
    emit: (...event) => tell(event),
    subscribe: (listener) => on('', listener),
    clear: () => listeners.clear(),
  }
}
