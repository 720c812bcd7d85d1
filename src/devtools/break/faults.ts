import type { Sending } from '../../core/types.ts'
import type { Rig } from '../../rig.ts'

/** What the auth server is made to answer, in this tab. */
export type ServerFault = 'none' | 'offline' | '429' | '500' | 'hang'

export interface Faults {
  readonly server: () => ServerFault
  /** From now on every call to the auth server goes so. `offline` cuts the app's requests off as well. */
  readonly setServer: (fault: ServerFault) => void
  readonly refused: () => boolean
  /** While it is on, the requests of this tab carry a token that the server does not know: it answers 401. */
  readonly setRefused: (on: boolean) => void
  /** The same until the token is renewed, as if it had expired. */
  readonly expire: () => void
  /** The next refresh presents a refresh token that the server does not know. null where scripts see none. */
  readonly dropRefreshToken: (() => void) | null
  /** Ends all of it. */
  readonly clear: () => void
}

const SPOILT = 'spoilt-by-keyturn-devtools'
/** What a server says with 429: wait so long (s). */
const WAIT = '5'

function networkError(): TypeError {
  return Object.assign(new TypeError('Failed to fetch (keyturn devtools: offline)'), { code: 'ERR_NETWORK' })
}

/** What is broken on purpose, in this tab only. */
export function createFaults(rig: Rig, version: () => number): Faults {
  const { faults, options } = rig
  let server: ServerFault = 'none'
  let refused = false
  let expired: number | null = null

  const answer = async (init: RequestInit | undefined): Promise<Response> => {
    if (server === 'offline') throw networkError()
    if (server === '429')
      return Response.json({ detail: 'Devtools: 429' }, { status: 429, headers: { 'Retry-After': WAIT } })
    if (server === '500') return Response.json({ detail: 'Devtools: 500' }, { status: 500 })
    return new Promise((_, reject) => {
      const signal = init?.signal
      if (signal?.aborted) reject(signal.reason)
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }
  const sending = (given: Sending): Sending => {
    if (server === 'offline') throw networkError()
    return given.token && (refused || expired === version()) ? { ...given, token: SPOILT } : given
  }
  const apply = () => {
    faults.fetch = server === 'none' ? null : (_input, init) => answer(init)
    faults.sending = refused || expired !== null || server === 'offline' ? sending : null
  }

  return {
    server: () => server,
    setServer(fault) {
      server = fault
      apply()
    },
    refused: () => refused,
    setRefused(on) {
      refused = on
      apply()
    },
    expire() {
      expired = version()
      apply()
    },
    dropRefreshToken:
      (options.backend.kind?.refresh ?? 'token') === 'token'
        ? () => {
            faults.tokens = (tokens) => {
              faults.tokens = null
              return { ...tokens, refreshToken: SPOILT }
            }
          }
        : null,
    clear() {
      server = 'none'
      refused = false
      expired = null
      faults.tokens = null
      apply()
    },
  }
}
