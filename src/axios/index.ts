// The axios entry. It lists every name by hand.
export { graphqlExpired } from '../requests/graphql-expired.ts'
export { type HeldRequests, type HoldOptions, holdRequests } from '../requests/hold-requests.ts'
export type { RequestOptions } from '../requests/options.ts'
export { type AttachAuthOptions, attachAuth } from './attach-auth.ts'
