import { type Auth, type AuthEvents, type AuthOptions, type Backend, createAuth } from 'keyturn'
import { createFakeBrowser, createFakeClock, type FakeClock } from 'keyturn/testing'

export const ORIGIN = 'https://app.example.test'

export interface Sent {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Handle = (request: Request) => Promise<Response> | Response

export interface Site {
  readonly clock: FakeClock
  readonly browser: ReturnType<typeof createFakeBrowser>
  /** Every call that reached the server. */
  readonly sent: Sent[]
  /** `POST /session/refresh`, in order. */
  readonly paths: () => string[]
  /** Answers in the server's place, as long as it is set. */
  fault: Handle | null
  open(options?: Partial<AuthOptions>): { auth: Auth; events: [keyof AuthEvents, unknown][] }
}

/** A browser with tabs of one app, and a server behind its `fetch`. Cookies are kept as a browser does: HttpOnly, for all tabs. */
export function createSite<User, Credentials>(
  backend: Backend<User, Credentials>,
  serve: (clock: FakeClock) => Handle,
): Site {
  // Nothing but promises is at work here.
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const handle = serve(clock)
  const jar = new Map<string, string>()
  const fetch = async (url: URL | RequestInfo, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('origin', ORIGIN)
    if (init.credentials === 'include' && jar.size)
      headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const { method = 'GET', body = null } = init
    const request = new Request(String(url), { method, headers, body })
    const text = await request.clone().text()
    site.sent.push({
      method,
      url: request.url,
      headers: Object.fromEntries(headers),
      body: text ? JSON.parse(text) : null,
    })
    const answer = await (site.fault ?? handle)(request)
    for (const cookie of init.credentials === 'include' ? answer.headers.getSetCookie() : []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    return answer
  }
  const browser = createFakeBrowser({ clock, fetch: fetch as typeof globalThis.fetch })
  const site: Site = {
    clock,
    browser,
    sent: [],
    paths: () => site.sent.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
    fault: null,
    open(options = {}) {
      const { ports, storage } = browser.openTab()
      const auth: Auth = createAuth({ backend: backend as unknown as Backend, storage, ...options, ports })
      const events: [keyof AuthEvents, unknown][] = []
      for (const name of ['signed_in', 'signed_out', 'refreshed', 'refresh_failed', 'diagnostic'] as const)
        auth.on(name, (payload) => events.push([name, payload]))
      return { auth, events }
    },
  }
  return site
}

/** `auth.refresh()`, which lets a session be young for a second first. */
export async function refreshed({ clock }: Site, auth: Auth): Promise<void> {
  const done = auth.refresh()
  await clock.advance(2_000)
  await done
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
