import { SessionServiceError } from '../contract/errors.ts'
import { errorText, type Log } from '../contract/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Access, Gate } from './access.ts'
import type { Limits } from './limits.ts'
import { type Incoming, json, type Outgoing } from './message.ts'
import { readBody } from './read-body.ts'
import type { Asked, Route } from './routes.ts'

export interface ExchangeParts {
  readonly routes: ReadonlyMap<string, Route>
  /** Addresses that are about no session: health, readiness, metrics. */
  readonly plain: ReadonlyMap<string, PlainRoute>
  readonly gate: Gate
  readonly metrics: Metrics
  readonly limits: Limits
  readonly bodyLimit: number
  readonly log: Log
  readonly logRequests: boolean
  /** Waits until there are signing keys, or it is clear that there are none: then throws. */
  keysReady(): Promise<void> | undefined
}

export interface PlainRoute {
  readonly who: 'anyone' | 'caller'
  run(): Promise<Outgoing>
}

/** One request in, one answer out; never throws. */
export type Exchange = (incoming: Incoming) => Promise<Outgoing>

const refuse = (error: SessionServiceError): Outgoing => {
  const status = error.status ?? 500
  const headers: Record<string, string> = {}
  // RFC 9110 section 11.6.1 wants a challenge with a 401, RFC 6750 section 3.1 names the error.
  if (status === 401)
    headers['www-authenticate'] = error.code === 'caller_refused' ? 'Bearer' : 'Bearer error="invalid_token"'
  const wait = error.retryAfter ?? (status === 503 ? 1 : null)
  if (wait !== null) headers['retry-after'] = String(wait)
  return json(status, { error: { code: error.code, message: error.message } }, headers)
}

export function createExchange(parts: ExchangeParts): Exchange {
  const { routes, plain, gate, metrics, limits, bodyLimit, log } = parts

  const enter = (who: Route['who'], incoming: Incoming): Access => {
    try {
      const access = gate[who](incoming)
      limits.caller(access)
      return access
    } catch (error) {
      if (error instanceof SessionServiceError && error.code === 'caller_refused') {
        metrics.happened('caller_refused')
        limits.stranger(incoming)
      }
      throw error
    }
  }
  const serve = async (route: Route, incoming: Incoming): Promise<Outgoing> => {
    const method = incoming.method === 'HEAD' ? 'GET' : incoming.method
    if (!route.methods.some((allowed) => allowed === method)) return wrongMethod(route.methods)
    const access = enter(route.who, incoming)
    await parts.keysReady()
    const fields = method === 'POST' ? await readBody(incoming, bodyLimit) : {}
    return route.run({ incoming, access, fields } satisfies Asked)
  }
  const preflight = (incoming: Incoming): Outgoing =>
    gate.cors(incoming)
      ? { status: 204, headers: {}, body: '' }
      : refuse(new SessionServiceError('origin_refused', 'Pages of this origin may not use the service.'))
  const answer = async (incoming: Incoming): Promise<Outgoing> => {
    const route = routes.get(incoming.path)
    if (!route) {
      const other = plain.get(incoming.path)
      if (!other)
        throw new SessionServiceError('route_not_found', 'There is no such address here: look at the base URL.')
      if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return wrongMethod(['GET'])
      if (other.who === 'caller') enter('caller', incoming)
      return other.run()
    }
    if (route.who !== 'session') return serve(route, incoming)
    const cors = gate.cors(incoming)
    const answered = incoming.method === 'OPTIONS' ? preflight(incoming) : await serve(route, incoming).catch(failed)
    return cors ? { ...answered, headers: { ...answered.headers, ...cors } } : answered
  }
  const failed = (error: unknown): Outgoing => {
    const known = error instanceof SessionServiceError && error.status !== null
    if (!known || (error.status ?? 500) >= 500)
      log({ level: 'error', event: 'request failed', error: errorText(error) })
    if (!known) return refuse(new SessionServiceError('internal', 'The service failed. Its log says why.'))
    if (error.code === 'store_unavailable') metrics.happened('store_unavailable')
    return refuse(error)
  }

  return async (incoming) => {
    const start = performance.now()
    const answered = await answer(incoming).catch(failed)
    const route = routes.get(incoming.path)?.name ?? (plain.has(incoming.path) ? incoming.path.slice(1) : 'other')
    const ms = performance.now() - start
    metrics.answered(route, answered.status, ms / 1000)
    if (parts.logRequests) {
      const { status } = answered
      log({ level: 'info', event: 'request', method: incoming.method, route, status, ms: Math.round(ms * 10) / 10 })
    }
    return answered
  }
}

const wrongMethod = (methods: readonly string[]): Outgoing =>
  json(
    405,
    { error: { code: 'method_not_allowed', message: `This address takes ${methods.join(' and ')}.` } },
    { allow: methods.join(', ') },
  )
