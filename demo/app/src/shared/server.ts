import type { Side } from './talk.ts'

/** The switches of the demo's server, and what it has seen. */

export interface Counts {
  readonly requests: number
  readonly refused401: number
  readonly refreshes: number
  readonly refusedRefreshes: number
}

export interface Traffic {
  readonly counts: Readonly<Record<Side, Counts>>
  /** Whether the thief gets in with what was stolen; null: nothing was. */
  readonly thief: Readonly<Record<Side, boolean | null>>
}

export class NoSwitches extends Error {}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/api/demo${path}`, init)
  // With a real Supabase project there is nothing to break.
  if (response.status === 404) throw new NoSwitches()
  if (!response.ok) throw new Error(`The demo's server said ${response.status}.`)
  return (await response.json()) as T
}

const post = <T = unknown>(path: string, body: object = {}): Promise<T> =>
  call<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

export const server = {
  reset: () => post('/reset'),
  /** The server forgets every access token. */
  expire: () => post('/expire'),
  /** How long (s) tokens live from now on. */
  lifetime: (seconds: number) => post('/lifetime', { seconds }),
  /** Every refresh is answered 503. */
  authDown: (on: boolean) => post('/auth-down', { on }),
  /** Ends every session. */
  endSessions: () => post('/end-sessions'),
  /** Moves the server's clock. */
  pass: (seconds: number) => post('/pass', { seconds }),
  /** Somebody elsewhere uses a side's refresh token: the one given, or a copy of the one at the server. */
  steal: (side: Side, token?: string) => post<{ readonly got: boolean }>('/steal', { side, token }),
  traffic: () => call<Traffic>('/traffic'),
}
