/**
 * An app as its author would write it, with the options of `cookieStorage` in its address: `?{"domain":"example.test"}`; behind
 * a `#` the name of its back end.
 */
import {
  type Auth,
  type CookieStorageOptions,
  cookieStorage,
  createAuth,
  type PasswordCredentials,
  restBackend,
} from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'

interface Person {
  readonly email: string
}

const options: CookieStorageOptions = JSON.parse(decodeURIComponent(location.search.slice(1)) || '{}')
const auth = createAuth({
  backend: restBackend({ baseUrl: '/api' }),
  storage: cookieStorage(options),
  ...(location.hash && { backendName: location.hash.slice(1) }),
}) as Auth<Person, PasswordCredentials>

const told: string[] = []
for (const name of ['storage_failed', 'diagnostic'] as const) {
  auth.on(name, ({ error }) => void told.push(`${name}: ${error.message}`))
}

const authFetch = createAuthFetch(auth)

const app = {
  auth,
  /** The status of an answer that needs a token; null where there is none. */
  async call(): Promise<number | null> {
    return (await authFetch('/api/echo').catch(() => null))?.status ?? null
  },
  /** What the developer was told. */
  told: told as readonly string[],
  /** Who is shown, once that is known. */
  async who(): Promise<string | null> {
    await auth.ready
    return auth.getState().user?.email ?? null
  },
}

declare global {
  interface Window {
    app: typeof app
  }
}

window.app = app
