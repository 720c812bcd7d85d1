/** An app of release 0.1.0 (`/old`), or of this one, on the same cookies. */
import { type Auth, cookieStorage, createAuth, type PasswordCredentials, restBackend } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import * as old from '../../fixtures/keyturn-0.1.0.js'

interface Person {
  readonly email: string
}

const release = location.pathname === '/old' ? old : { cookieStorage, createAuth, createAuthFetch, restBackend }
const auth = release.createAuth({
  backend: release.restBackend<Person, PasswordCredentials>({ baseUrl: '/api' }),
  storage: release.cookieStorage(),
}) as Auth<Person, PasswordCredentials>
const authFetch = release.createAuthFetch(auth)

const told: string[] = []
for (const name of ['signed_in', 'signed_out', 'refresh_failed', 'storage_failed'] as const)
  auth.on(name, () => void told.push(name))

Object.assign(window, {
  app: {
    auth,
    told,
    call: async () => (await authFetch('/api/echo').catch(() => null))?.status ?? null,
    who: async () => {
      await auth.ready
      return auth.getState().user?.email ?? null
    },
  } satisfies Window['app'],
})
