import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isSessionServiceError, misconfigured } from '../contract/errors.ts'
import { errorText, type Log } from '../contract/log.ts'
import { createSessionService } from '../create-session-service.ts'
import { type Environment, readEnvironment } from './environment.ts'

export interface ServeSessionsOptions {
  /** As `process.env`. */
  readonly env: Environment
  readonly log: Log
  /** Milliseconds that requests under way get when it ends. Default: 10,000. */
  readonly grace?: number
}

export interface ServedSessions {
  /** Where it listens. */
  readonly port: number
  /** Resolves when it cannot go on, with what the operator has to mend. Else never. */
  readonly failed: Promise<unknown>
  /** Answers what is under way, takes nothing new, and closes its connections. */
  stop(): Promise<void>
}

const MAINTAIN_EVERY = 10_000
const TRY_AGAIN_AFTER = 1_000

/**
 * Serves sessions over HTTP, as the environment says: `npx keyturn serve-sessions` from a program. It listens at once, and
 * is ready (`/readyz`) when there are signing keys and the store answers.
 *
 * @throws SessionServiceError `misconfigured` for an environment that makes no sense, or a port that is taken.
 */
export async function serveSessions({ env, log, grace = 10_000 }: ServeSessionsOptions): Promise<ServedSessions> {
  const { port, host, store, options } = readEnvironment(env)
  const service = createSessionService({ ...options, store, log })
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 10_000, requestTimeout: 10_000 },
    service.listener,
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(misconfigured(`Port ${port} cannot be listened on.`, cause)))
    server.listen({ port, ...(host === null ? {} : { host }) }, resolve)
  })
  const listening = (server.address() as AddressInfo).port
  log({ level: 'info', event: 'listening', port: listening, store: store.name })
  if (store.name === 'memory')
    log({
      level: 'warn',
      event: 'sessions in memory',
      danger: 'They are gone when this process ends, and no other process knows them.',
    })

  let ending = false
  const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref())
  /** Asks the store until it answers. What waiting cannot mend is thrown. */
  const openStore = async (): Promise<void> => {
    while (!ending) {
      try {
        for (const danger of await store.open()) log({ level: 'warn', event: 'danger', danger })
        log({ level: 'info', event: 'store open', store: store.name })
        return
      } catch (error) {
        if (!isSessionServiceError(error) || error.code === 'misconfigured') throw error
        log({ level: 'warn', event: 'store not open', error: errorText(error) })
        await pause(TRY_AGAIN_AFTER)
      }
    }
  }
  const failed = new Promise<unknown>((resolve) => void openStore().catch(resolve))
  const maintain = (): void => {
    service.maintain().catch((error) => log({ level: 'warn', event: 'maintenance failed', error: errorText(error) }))
  }
  const timer = setInterval(maintain, MAINTAIN_EVERY)
  maintain()

  return Object.freeze({
    port: listening,
    failed,
    async stop() {
      if (ending) return
      ending = true
      clearInterval(timer)
      log({ level: 'info', event: 'ending' })
      service.drain()
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), grace)
      await closed
      clearTimeout(late)
      await store.close().catch(() => {})
      log({ level: 'info', event: 'ended' })
    },
  } satisfies ServedSessions)
}
