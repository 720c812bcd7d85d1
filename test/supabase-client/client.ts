import {
  type AuthChangeEvent,
  createClient,
  type SupabaseClient,
  type WebSocketLikeConstructor,
} from '@supabase/supabase-js'
import { createFakeClock, createMockAuth, type FakeClock, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { installClock } from './global-time.ts'
import { serve } from './serve.ts'

export const ada = { email: 'ada@example.test', password: 'correct-horse' }
export const grace = { email: 'grace@example.test', password: 'battery-staple' }
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

/** An error as supabase-js tells it, for `toMatchObject`. */
export const apiError = (status: number, code: string) => ({ name: 'AuthApiError', status, code })

/** What the client stores its session in; two clients can share one, as two tabs do. */
export type Shelf = Map<string, string>

export interface Tab {
  readonly client: SupabaseClient
  readonly auth: SupabaseClient['auth']
  /** Everything that `onAuthStateChange` told, oldest first. */
  readonly events: readonly AuthChangeEvent[]
}

export interface World {
  readonly mock: MockAuth
  readonly clock: FakeClock
  readonly origin: string
  readonly shelf: Shelf
  /** `fetch`, of which `advance` knows. */
  readonly fetch: typeof globalThis.fetch
  /** The session as it is stored; null when there is none. */
  readonly stored: () => StoredClientSession | null
  readonly open: (options?: { readonly autoRefreshToken?: boolean; readonly headers?: Record<string, string> }) => Tab
  /** Lets time pass for client and server, and every request that time sets off come to its end. */
  readonly advance: FakeClock['advance']
}

export interface StoredClientSession {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_at: number
}

/** Sockets work in real time. `settle` waits until no request is on its way, and nothing more follows from the last. */
const createTraffic = () => {
  let open = 0
  const counted: typeof fetch = async (input, init) => {
    open++
    try {
      const response = await fetch(input, init)
      // Not before its body is here, too.
      await response.clone().arrayBuffer()
      return response
    } finally {
      open--
    }
  }
  const settle = async () => {
    for (let quiet = 0; quiet < 5; quiet = open > 0 ? 0 : quiet + 1) await new Promise(setImmediate)
  }
  return { fetch: counted, settle }
}

/** The mock behind a real socket. The clients are the official ones, unchanged; clients and server share one clock. */
export async function createWorld(options: MockAuthOptions = {}): Promise<World> {
  const { fetch, settle } = createTraffic()
  const clock = createFakeClock({ settle })
  const mock = createMockAuth({ clock, ...options })
  const server = await serve(mock.handle)
  const restore = installClock(clock)
  const shelf: Shelf = new Map()
  const tabs: Tab[] = []
  onTestFinished(async () => {
    for (const { auth } of tabs) await auth.stopAutoRefresh()
    restore()
    await server.close()
  })

  return {
    mock,
    clock,
    advance: clock.advance,
    origin: server.origin,
    shelf,
    fetch,
    stored: () => JSON.parse(shelf.get('sb-127-auth-token') ?? 'null'),
    open: ({ autoRefreshToken = false, headers = {} } = {}) => {
      const client = createClient(server.origin, 'anon-key', {
        auth: { autoRefreshToken, storage: storageOf(shelf) },
        global: { fetch, headers },
        // Node 20 has no WebSocket. Of the overloads of ws, the types see the wrong one.
        realtime: { transport: WebSocket as unknown as WebSocketLikeConstructor },
      })
      const events: AuthChangeEvent[] = []
      client.auth.onAuthStateChange((event) => void events.push(event))
      const tab = { client, auth: client.auth, events }
      tabs.push(tab)
      return tab
    },
  }
}

const storageOf = (shelf: Shelf) => ({
  getItem: (key: string) => shelf.get(key) ?? null,
  setItem: (key: string, value: string) => void shelf.set(key, value),
  removeItem: (key: string) => void shelf.delete(key),
})

/** A world with one client that has signed in. */
export async function signedIn(
  options: MockAuthOptions = {},
  client: Parameters<World['open']>[0] = {},
): Promise<World & Tab & { readonly session: StoredClientSession }> {
  const world = await createWorld({ profile: 'hosted', ...options })
  const tab = world.open(client)
  const { data, error } = await tab.auth.signInWithPassword(ada)
  if (error) throw error
  return { ...world, ...tab, session: data.session as StoredClientSession }
}
