import { type Auth, createAuth, type PasswordCredentials, restBackend } from '../../src/index.ts'
import { createFakeBrowser, createFakeClock, createMockAuth } from '../../src/testing/index.ts'

export const ADA = { email: 'ada@example.test', password: 'correct-horse' }

type Engine = Auth<unknown, PasswordCredentials>

const made: Engine[] = []

/** Ends all engines: those of one test are not to be seen in the next. */
export function disposeAll(): void {
  for (const auth of made.splice(0)) auth.dispose()
}

/** A browser on a fake clock, and a server; each `tab()` is an engine that has a rig, as in development. */
export function createWorld() {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock, tokenLifetime: 600 })
  const browser = createFakeBrowser({ clock, fetch: mock.fetch })
  const backend = restBackend({ baseUrl: `${mock.origin}/api` })
  const tab = () => {
    const { ports, storage } = browser.openTab()
    const auth: Engine = createAuth({ backend, storage, ports })
    made.push(auth)
    return auth
  }
  return { clock, mock, browser, tab }
}

/** Sends a request of the app to the mock, as an adapter would. Resolves with its status, or what it failed with. */
export function send(auth: Engine, mock: { readonly origin: string }) {
  const url = `${mock.origin}/api/echo`
  return auth
    .exchange({
      url,
      origins: [mock.origin],
      repeatable: true,
      send: async ({ token, fetch }) => {
        const response = await fetch(url, token ? { headers: { Authorization: `Bearer ${token}` } } : {})
        return { status: response.status }
      },
    })
    .then(
      ({ reply }) => reply.status,
      (error) => error as Error & { code?: string },
    )
}
