import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { type Auth, createAuth, memoryStorage } from 'keyturn'
import { type SupabaseCredentials, type SupabaseUser, supabaseBackend } from 'keyturn/supabase'
import {
  createFakeClock,
  createMockAuth,
  type FakeClock,
  type MockAuth,
  type MockAuthOptions,
  type MockSession,
} from 'keyturn/testing'
import { onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { anonKey } from './project.ts'

export const ada = { email: 'ada@example.test', password: 'correct-horse' }

/** Every option as an app gives it to `createClient`. */
type ClientOptions = NonNullable<Parameters<typeof createClient>[2]>

export interface Project {
  readonly url: string
  readonly mock: MockAuth
  /** The time of the server and of engines. supabase-js looks at the real clock, so this one starts there. */
  readonly clock: FakeClock
  /** A client of supabase-js against this server; its timers end with the test. */
  readonly client: (options?: ClientOptions) => SupabaseClient
}

/** A Supabase project whose Auth is the mock. Its time begins `ago` ms before now. */
export function project({ ago = 0, ...options }: MockAuthOptions & { readonly ago?: number } = {}): Project {
  const clock = createFakeClock({ now: Date.now() - ago })
  const mock = createMockAuth({ profile: 'hosted', origin: 'https://abc.supabase.co', clock, ...options })
  return {
    url: mock.origin,
    mock,
    clock,
    client(more = {}) {
      // It warns of a second client on one page. Here each test has its own.
      const quiet = vi.spyOn(console, 'warn').mockImplementation(() => {})
      const client = createClient(mock.origin, anonKey, {
        ...more,
        global: { fetch: mock.fetch, ...more.global },
        realtime: { transport: WebSocket as never, ...more.realtime },
      })
      quiet.mockRestore()
      onTestFinished(async () => {
        if (!more.accessToken) await client.auth.stopAutoRefresh()
        await client.removeAllChannels()
      })
      return client as SupabaseClient
    },
  }
}

export interface Opened {
  readonly auth: Auth<SupabaseUser, SupabaseCredentials>
  readonly mock: MockAuth
  readonly clock: FakeClock
  /** The sessions that the server still holds. */
  readonly live: () => readonly MockSession[]
}

/** An engine against the mock; nobody is signed in. */
export function open(options: MockAuthOptions = {}): Opened {
  const { clock, mock, url } = project(options)
  const auth = createAuth({
    backend: supabaseBackend({ url, anonKey }),
    storage: memoryStorage(),
    ports: { clock, settle: null, fetch: mock.fetch },
  })
  onTestFinished(() => auth.dispose())
  return { auth, clock, mock, live: () => mock.admin.sessions().filter((session) => session.live) }
}

export async function signedIn(options: MockAuthOptions = {}): Promise<Opened> {
  const opened = open(options)
  await opened.auth.signIn(ada)
  return opened
}
