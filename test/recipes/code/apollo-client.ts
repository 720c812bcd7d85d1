import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
import type { Auth } from 'keyturn'
import { createAuthFetch, graphqlExpired } from 'keyturn/fetch'

export function apolloOf(auth: Auth, uri: string): ApolloClient {
  const { origin } = new URL(uri)
  const fetch = createAuthFetch(auth, { origins: [origin], expired: graphqlExpired }) as typeof globalThis.fetch
  const client = new ApolloClient({ link: new HttpLink({ uri, fetch }), cache: new InMemoryCache() })
  auth.on('user_changed', () => {
    // At once, for clearStore waits a moment; it drops what is under way as well.
    void client.cache.reset({ discardWatches: true })
    void client.clearStore()
  })
  return client
}
