import { createClient, type SupabaseClient, type WebSocketLikeConstructor } from '@supabase/supabase-js'
import type { SupabaseProject } from './env.ts'

export interface SupabaseAccess extends SupabaseProject {
  readonly fetch?: typeof fetch | undefined
  /** How long one call may take in all, retries of supabase-js included, in ms. Default: 7000. */
  readonly timeLimit?: number | undefined
}

/** What a call knows beside its result. */
export interface CallNotes {
  /** The `Retry-After` header of the last answer, which supabase-js does not hand on. */
  retryAfter: string | null
}

/** Runs one call with a client of its own. Resolves with null when the time is up. */
export type SupabaseCall = <T>(run: (client: SupabaseClient, notes: CallNotes) => Promise<T>) => Promise<T | null>

/** Without a transport, supabase-js refuses to start on Node 20. Nothing here ever opens a socket. */
class NoSocket {
  constructor() {
    throw new Error('The API opens no socket.')
  }
}

/**
 * A client serves one request and is then forgotten: a shared one would remember whoever signed in last, and refresh
 * that person's session for the next. It keeps no session, refreshes nothing by itself, and never opens a socket.
 */
export function createSupabaseCall(access: SupabaseAccess): SupabaseCall {
  const { supabaseUrl, anonKey, timeLimit = 7000 } = access
  const baseFetch = access.fetch ?? fetch

  return async (run) => {
    const notes: CallNotes = { retryAfter: null }
    const limit = new AbortController()
    const client = createClient(supabaseUrl, anonKey, {
      auth: { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false },
      realtime: { transport: NoSocket as unknown as WebSocketLikeConstructor },
      global: { fetch: limitedFetch(baseFetch, limit.signal, notes) },
    })
    let timer: ReturnType<typeof setTimeout> | undefined
    const timeIsUp = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        limit.abort()
        resolve(null)
      }, timeLimit)
    })
    try {
      return await Promise.race([run(client, notes), timeIsUp])
    } finally {
      clearTimeout(timer)
    }
  }
}

/**
 * Turns failures into answers, for supabase-js prints those of `fetch` to the console: a network error into a 503,
 * which it tries again, and the end of the time limit into a 408, after which it gives up.
 */
function limitedFetch(baseFetch: typeof fetch, limit: AbortSignal, notes: CallNotes): typeof fetch {
  return async (input, init) => {
    if (limit.aborted) return failure(408)
    try {
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
      const response = await baseFetch(input, { ...init, signal })
      notes.retryAfter = response.headers.get('Retry-After')
      return response
    } catch {
      return failure(limit.aborted ? 408 : 503)
    }
  }
}

function failure(status: number): Response {
  return Response.json({ code: 'unreachable', message: 'The auth server cannot be reached' }, { status })
}
