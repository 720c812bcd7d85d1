import { Client, cacheExchange, fetchExchange } from '@urql/core'
import type { Auth } from 'keyturn'
import { createAuthFetch, graphqlExpired } from 'keyturn/fetch'

/** urql has no way to empty its cache: make a client per person, and render below it. */
export function urqlOf(auth: Auth, url: string, changed: (client: Client) => void): void {
  const { origin } = new URL(url)
  const fetch = createAuthFetch(auth, { origins: [origin], expired: graphqlExpired }) as typeof globalThis.fetch
  const make = () =>
    changed(new Client({ url, fetch, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange] }))
  auth.on('user_changed', make)
  make()
}
