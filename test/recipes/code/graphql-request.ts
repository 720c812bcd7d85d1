import { GraphQLClient } from 'graphql-request'
import type { Auth } from 'keyturn'
import { createAuthFetch, graphqlExpired } from 'keyturn/fetch'

export function graphqlOf(auth: Auth, url: string): GraphQLClient {
  const { origin } = new URL(url)
  return new GraphQLClient(url, {
    fetch: createAuthFetch(auth, { origins: [origin], expired: graphqlExpired }) as typeof fetch,
  })
}
