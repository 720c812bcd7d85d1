/** The page on which the code of a recipe runs, and the project that it talks to. Needs jsdom. */
import { cleanup } from '@testing-library/react'
import type { Auth } from 'keyturn'
import type { SupabaseCredentials } from 'keyturn/supabase'
import { createMockAuth, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import { afterAll, afterEach, beforeEach, onTestFinished, vi } from 'vitest'
import { resetCookies } from '../storage/jar.ts'
import { fakeSocket } from './fake-socket.ts'
import { anonKey, url } from './project.ts'
import { openRecipe, type Recipe } from './recipes.ts'

/** Opens a recipe for the tests of a file: each gets an empty page, and modules that nobody has loaded yet. */
export function recipeOnPage(name: string): Recipe {
  const recipe = openRecipe(name)
  afterAll(() => recipe.remove())
  beforeEach(() => {
    resetCookies()
    localStorage.clear()
    // supabase-js warns of a second client on one page. Here each test has its own.
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.stubEnv('VITE_SUPABASE_URL', url)
    vi.stubEnv('VITE_SUPABASE_ANON_KEY', anonKey)
  })
  afterEach(() => {
    cleanup()
    resetCookies()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.unstubAllEnvs()
    vi.resetModules()
  })
  return recipe
}

export interface Served {
  readonly mock: MockAuth
  /** The `Authorization` headers of the requests for notes. */
  readonly bearers: readonly (string | null)[]
  readonly socket: ReturnType<typeof fakeSocket>
}

/** The project on the network of the page: Auth is the mock, and there is a table of notes with the policy "own rows". */
export function serve(options: MockAuthOptions = {}): Served {
  const mock: MockAuth = createMockAuth({ profile: 'hosted', origin: url, ...options })
  const bearers: (string | null)[] = []
  const socket = fakeSocket()
  vi.stubGlobal('WebSocket', socket.transport)
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    if (!String(input).startsWith(`${url}/rest/v1/notes`)) return mock.fetch(input, init)
    const headers = new Headers(init?.headers)
    bearers.push(headers.get('Authorization'))
    const known = await mock.fetch(`${url}/auth/v1/user`, { headers: { Authorization: String(bearers.at(-1)) } })
    const { email } = (await known.json()) as { email?: string }
    return new Response(JSON.stringify(email ? [{ text: `a note of ${email}` }] : []), {
      headers: { 'Content-Type': 'application/json' },
    })
  })
  return { mock, bearers, socket }
}

export interface AuthModule {
  readonly auth: Auth<{ id: string; name: string; email: string }, SupabaseCredentials>
  readonly outcome: string
}

/** Loads a recipe's module with an engine, which ends with the test. */
export async function loadAuth(recipe: Recipe, file = 'auth.ts'): Promise<AuthModule> {
  const module = await recipe.load<AuthModule>(file)
  onTestFinished(() => module.auth.dispose())
  return module
}
