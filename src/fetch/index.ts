// The fetch entry. It lists every name by hand.
export { graphqlExpired } from '../requests/graphql-expired.ts'
export { type HeldRequests, type HoldOptions, holdRequests } from '../requests/hold-requests.ts'
export type { RequestOptions } from '../requests/options.ts'
export { type AuthFetch, type AuthFetchOptions, type AuthRequestInit, createAuthFetch } from './create-auth-fetch.ts'
