import type { Auth } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import createClient, { type Client } from 'openapi-fetch'

export function clientOf<Paths extends object>(auth: Auth, baseUrl: string): Client<Paths> {
  return createClient<Paths>({ baseUrl, fetch: createAuthFetch(auth, { origins: [baseUrl] }) })
}
