/** A small app whose auth server speaks as it likes: what `notes.test.ts` tests with the public test kit alone. */
import axios from 'axios'
import { type Auth, createAuth, memoryStorage, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { createAuthFetch } from 'keyturn/fetch'

export interface Person {
  readonly id: string
  readonly name: string
}

export interface Login {
  readonly login: string
  readonly secret: string
}

/** How the server speaks: for the backend here, and for the mock in the tests. */
export const speaks = {
  paths: { signIn: '/session', refresh: 'PUT /session', signOut: 'DELETE /session', user: '/whoami' },
  fields: { accessToken: 'data.jwt', refreshToken: 'data.renewal', expiresIn: 'data.ttl', user: 'data.person' },
  bodies: {
    signIn: ({ login, secret }: Login) => ({ attributes: { login, secret } }),
    refresh: (renewal: string) => ({ renewal }),
    signOut: (renewal: string | null) => ({ renewal }),
  },
} as const

const baseUrl = 'https://api.example.test/v2'

export const backend = restBackend<Person, Login>({ baseUrl, ...speaks, toUser: (user) => user as Person })

/** What the app does with its API. */
export function createNotes(auth: Pick<Auth<Person, Login>, 'exchange' | 'getState' | 'report'>) {
  const authFetch = createAuthFetch(auth as Auth, { origins: [baseUrl] })
  const call = async (init?: RequestInit): Promise<string[]> => {
    const response = await authFetch(`${baseUrl}/notes`, init)
    if (!response.ok) throw Object.assign(new Error(`The API said ${response.status}.`), { status: response.status })
    return response.json()
  }
  return { list: () => call(), add: (text: string) => call({ method: 'POST', body: text }) }
}

// As most apps have it: one session for the whole module.
export const auth = createAuth<Person, Login>({ backend, storage: memoryStorage() })
export const api = axios.create({ baseURL: baseUrl, adapter: 'fetch' })
attachAuth(api, auth)
