// The axios entry. It lists every name by hand.
export { type AttachAuthOptions, attachAuth } from './attach-auth.ts'
