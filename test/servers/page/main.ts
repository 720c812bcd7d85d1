// The clock first, on its own: the kit looks at it when it starts.
import './clock.ts'

// The folder of the server that the page is built for.
import { api, auth } from 'virtual:auth'
import type { AxiosInstance } from 'axios'
import type { Auth, AuthEvents } from 'keyturn'
import { jump, jumpAtReload } from './clock.ts'

export interface SeenEvent {
  readonly name: keyof AuthEvents
  readonly code: string | null
  readonly reason: string | null
  readonly by: string | null
}

/** How one call ended. */
export interface Outcome {
  readonly status: number | null
  readonly data: unknown
  /** Of the kit's error. */
  readonly code: string | null
  readonly message: string
}

/** Every status that there was, and the address of the person. */
const states: string[] = []
const look = (): void => {
  const { status, user } = auth.getState()
  const email = (user as { readonly email?: string } | null)?.email ?? ''
  states.push(`${status} ${email}`.trim())
  const place = document.querySelector('#user')
  if (place) place.textContent = email
}
look()
auth.subscribe(look)

const events: SeenEvent[] = []
const names = ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'storage_failed', 'diagnostic'] as const
for (const name of names) {
  auth.on(name, (payload) => {
    const { error, reason, by } = payload as {
      readonly error?: { readonly code: string; readonly message: string } | null
      readonly reason?: string
      readonly by?: string
    }
    events.push({
      name,
      code: error ? `${error.code}: ${error.message}` : null,
      reason: reason ?? null,
      by: by ?? null,
    })
  })
}

async function outcome(call: () => Promise<{ readonly status: number; readonly data: unknown }>): Promise<Outcome> {
  try {
    const { status, data } = await call()
    return { status, data, code: null, message: '' }
  } catch (thrown) {
    const { response, code, message, cause } = thrown as {
      readonly response?: { readonly status: number; readonly data: unknown }
      readonly code?: string
      readonly message: string
      readonly cause?: { readonly code?: string }
    }
    return {
      status: response?.status ?? null,
      data: response?.data ?? null,
      code: cause?.code ?? code ?? null,
      message,
    }
  }
}

const kit = {
  auth: auth as Auth<{ readonly email: string }, unknown>,
  api: api as AxiosInstance,
  states: states as readonly string[],
  events: events as readonly SeenEvent[],
  jump,
  jumpAtReload,
  signIn: (credentials: unknown): Promise<Outcome> =>
    outcome(async () => ({ status: 200, data: await auth.signIn(credentials) })),
  /** Sends `count` requests at once. */
  many: (method: 'GET' | 'POST', url: string, count: number): Promise<readonly Outcome[]> =>
    Promise.all(
      Array.from({ length: count }, (_, number) =>
        outcome(() => api.request({ method, url, ...(method === 'POST' && { data: { number } }) })),
      ),
    ),
}

export type PageKit = typeof kit

declare global {
  interface Window {
    page: PageKit
  }
}

window.page = kit
