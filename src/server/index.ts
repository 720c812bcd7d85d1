// Left out on purpose: signing in on the server (the page does, and its cookies are the session), and anything of a framework:
// docs/server.md has recipes.
export type { Incoming } from './arrival.ts'
export { createServerAuth, type RenewedSession, type ServerAuth, type ServerAuthOptions } from './create-server-auth.ts'
export type { ServerSession } from './read-session.ts'
export type { ReplyStore } from './replies.ts'
export type { TokenRules, VerifyToken } from './verify.ts'
