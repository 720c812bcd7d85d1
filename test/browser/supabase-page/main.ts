import { type AuthChangeEvent, AuthError, createClient, type SupabaseClient } from '@supabase/supabase-js'
import { type Auth, cookieStorage, createAuth } from 'keyturn'
import { moveSupabaseSession, type SupabaseUser, supabaseBackend } from 'keyturn/supabase'

/** What is left of an error on its way out of the page. */
export interface Failure {
  readonly name: string
  readonly status: number | undefined
  readonly code: string | undefined
  readonly message: string
  readonly reasons: readonly string[] | undefined
}

/** Where the project is, and which of the two keeps the session. */
const params = new URLSearchParams(location.search)
const project = params.get('project') ?? ''
const key = 'anon-key'

// Time stands still until no request is on its way: see `settle` in the harness.
const realFetch = window.fetch
window.requests = 0
window.fetch = async (input, init) => {
  window.requests++
  try {
    const response = await realFetch(input, init)
    await response.clone().arrayBuffer()
    return response
  } finally {
    window.requests--
  }
}

const toFailure = (error: unknown): Failure | null => {
  if (!(error instanceof AuthError)) return null
  const { name, status, code, message } = error
  return { name, status, code, message, reasons: 'reasons' in error ? (error.reasons as string[]) : undefined }
}

function startClient() {
  const client: SupabaseClient = createClient(project, key)
  const events: AuthChangeEvent[] = []
  client.auth.onAuthStateChange((event) => void events.push(event))
  return {
    client,
    events: events as readonly AuthChangeEvent[],
    /** The error of a call, in a form that leaves the page. */
    failure: async (call: (auth: SupabaseClient['auth']) => Promise<{ readonly error: unknown }>) =>
      toFailure((await call(client.auth)).error),
    user: async (): Promise<string | null> => (await client.auth.getUser()).data.user?.email ?? null,
    /** As other code of an app would read it: straight from where the client keeps it. */
    stored: (): { access_token: string; refresh_token: string } | null =>
      JSON.parse(localStorage.getItem(`sb-${new URL(project).hostname.split('.')[0]}-auth-token`) ?? 'null'),
  }
}

function startKeyturn() {
  const storage = cookieStorage()
  const moved = moveSupabaseSession({ url: project, storage })
  const auth = createAuth({ backend: supabaseBackend({ url: project, anonKey: key }), storage })
  return { moved, auth: auth as Auth<SupabaseUser> }
}

export type ClientKit = ReturnType<typeof startClient>
export type KeyturnKit = ReturnType<typeof startKeyturn>

declare global {
  interface Window {
    /** How many are on their way. */
    requests: number
    official: ClientKit
    keyturn: KeyturnKit
  }
}

if (params.has('keyturn')) window.keyturn = startKeyturn()
else window.official = startClient()
