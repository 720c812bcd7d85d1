import type { RequestListener } from 'node:http'
import { seconds, systemClock } from './contract/clock.ts'
import { misconfigured, SessionServiceError } from './contract/errors.ts'
import { LIMITS, lifetimesOf } from './contract/limits.ts'
import { errorText } from './contract/log.ts'
import { createGate } from './handler/access.ts'
import { createExchange, type PlainRoute } from './handler/create-exchange.ts'
import { createRequestHandler } from './handler/handle-request.ts'
import { signingKey } from './handler/ids.ts'
import { createLimits } from './handler/limits.ts'
import { json, text } from './handler/message.ts'
import { createRoutes } from './handler/routes.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { createMetrics } from './metrics/metrics.ts'
import type { SessionServiceOptions } from './options.ts'
import { createListener } from './serving/listener.ts'
import { memoryStore } from './stores/memory/memory-store.ts'

export interface SessionService {
  /** The whole service as one standard function. Never rejects. */
  readonly handle: (request: Request) => Promise<Response>
  /** The same for `node:http`'s `createServer`, and faster there. */
  readonly listener: RequestListener
  /** Resolves with what is missing: no keys, no answer of the store, or the end of the service. Null if it is ready. */
  notReady(): Promise<string | null>
  /** What a timer should do now and then (`serveSessions` does): keep the keys fresh, remove what has expired. */
  maintain(): Promise<void>
  /** From now on not ready: `/readyz` says so, and answers over `listener` close their connection. */
  drain(): void
}

/** Removed in one batch, so that no statement is long. */
const BATCH = 1_000
/** Seconds that what has expired is kept: for a process whose clock is behind it may still be live. */
const GRACE = 60
/** Batches in one `maintain`. What is left waits for the next. */
const BATCHES = 50

/**
 * A service that creates, extends, checks and ends sessions for other services, which have found out who the user is. It
 * decides nothing about who may do what.
 *
 * @throws SessionServiceError `misconfigured` for an option that makes no sense.
 * @example
 * const keys = secretsService({ url, token })
 * const service = createSessionService({ keys, callers: [token], store: redisStore({ url: 'redis://127.0.0.1' }) })
 * createServer(service.listener).listen(8002)
 */
export function createSessionService(options: SessionServiceOptions): SessionService {
  const { store = memoryStore(), clock = systemClock, log = () => {}, callers = [], origins = [] } = options
  const { bodyLimit = LIMITS.bodyBytes, idempotencyFor = 86_400, keysEvery = 60 } = options
  if (!options.keys) throw misconfigured('keys is missing: secretsService({ url, token }), or fixedKeys([…]).')
  for (const [name, value] of Object.entries({ bodyLimit, idempotencyFor, keysEvery }))
    if (!Number.isSafeInteger(value) || value < 1) throw misconfigured(`${name} must be a whole number of at least 1.`)
  const lifetimes = lifetimesOf(options)
  const gate = createGate({ callers, origins, selfService: options.selfService ?? false })
  const metrics = createMetrics()
  const limits = createLimits(options.rates ?? {}, clock, metrics)
  const ring = createKeyRing({
    source: options.keys,
    clock,
    refreshEvery: keysEvery * 1000,
    onLoad(outcome) {
      metrics.happened('keys' in outcome ? 'keys_loaded' : 'keys_failed')
      if ('error' in outcome) log({ level: 'warn', event: 'no signing keys', error: errorText(outcome.error) })
    },
  })
  let draining = false

  const keysReady = (): Promise<void> | undefined => {
    const waiting = ring.keepFresh()
    if (ring.signing) return undefined
    return (waiting ?? Promise.resolve()).then(() => void signingKey(ring))
  }
  const notReady = async (): Promise<string | null> => {
    if (draining) return 'The service is ending.'
    await ring.keepFresh()
    if (!ring.signing) return 'No signing key yet: the secrets service has not answered.'
    return store.check().then(
      () => null,
      () => `The store (${store.name}) cannot be asked.`,
    )
  }
  const plain = new Map<string, PlainRoute>([
    ['/healthz', { who: 'anyone', run: async () => json(200, { ok: true }) }],
    ['/readyz', { who: 'anyone', run: async () => readiness(await notReady()) }],
    ['/metrics', { who: 'caller', run: async () => text(200, metrics.render(gauges())) }],
  ])
  const gauges = () => ({
    ready: Number(!draining && ring.signing !== null),
    keys_age_seconds: ring.loadedAt === null ? -1 : (clock.now() - ring.loadedAt) / 1000,
  })
  const parts = { store, ring, clock, metrics, lifetimes, idempotencyFor, limits }
  const exchange = createExchange({
    routes: createRoutes(parts),
    plain,
    gate,
    metrics,
    limits,
    bodyLimit,
    log,
    logRequests: options.logRequests ?? false,
    keysReady,
  })

  return Object.freeze({
    handle: createRequestHandler(exchange, clock),
    listener: createListener(exchange, () => draining),
    notReady,
    async maintain() {
      await ring.keepFresh()
      for (let batch = 0; batch < BATCHES; batch++) {
        const removed = await store.removeExpired(seconds(clock) - GRACE, BATCH)
        if (removed) metrics.happened('expired_removed', removed)
        if (removed < BATCH) return
      }
    },
    drain() {
      draining = true
    },
  } satisfies SessionService)
}

function readiness(missing: string | null) {
  if (missing !== null) throw new SessionServiceError('not_ready', missing)
  return json(200, { ok: true })
}
