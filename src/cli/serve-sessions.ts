import { type Log, serveSessions } from '../session-service/index.ts'
import type { Command } from './command.ts'

const HELP = `keyturn serve-sessions: the session service over HTTP.

It is told everything by its environment (each of the secrets also by a file: NAME_FILE):
  SECRETS_SERVICE_URL   hands out the signing keys (needed)
  INTERNAL_TOKEN        sent to it as bearer, and expected of callers (needed)
  CALLER_TOKENS         expected of callers instead, one or several
  REDIS_URL             where sessions are kept; or
  DATABASE_URL          PostgreSQL; without both: in memory
  PORT, HOST            where to listen: 8002, all interfaces
  SESSION_TTL, SESSION_MAX_LIFETIME, SESSION_EXTEND_FROM   seconds
  SELF_SERVICE_ORIGINS  pages that may use it with a session's id
  LOG_REQUESTS=1        a line for each request`

/** Runs until the process is asked to end. */
export const serveSessionsCommand: Command = async (args, { env, out, onEnd }) => {
  if (args.length) {
    out(HELP)
    return args.length === 1 && /^(-h|--help)$/.test(args[0] ?? '') ? 0 : 2
  }
  const log: Log = ({ level, event, ...fields }) =>
    out(JSON.stringify({ time: new Date().toISOString(), level, event, ...fields }))
  const served = await serveSessions({ env, log })
  const asked = new Promise<null>((resolve) => onEnd(() => resolve(null)))
  const failure = await Promise.race([asked, served.failed])
  await served.stop()
  if (failure !== null) throw failure
  return 0
}
