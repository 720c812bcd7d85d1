// The fetch entry. It lists every name by hand.
export { type AuthFetch, type AuthFetchOptions, type AuthRequestInit, createAuthFetch } from './create-auth-fetch.ts'
