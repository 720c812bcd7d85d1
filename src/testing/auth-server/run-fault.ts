import type { Clock } from '../../core/ports.ts'
import { type OpenEntry, withHeaders } from './core/http.ts'
import type { Fault } from './core/types.ts'
import { networkError, wait } from './faults.ts'

/** What a fault may do with a request. */
export interface Work {
  readonly process: () => Promise<Response>
  readonly fail: (status: number, code: string, message: string) => Response
  readonly finish: (response: Response) => Response
  readonly entry: OpenEntry
}

/** Works a request under a fault. */
export async function runFault(clock: Clock, fault: Fault, signal: AbortSignal | null, work: Work): Promise<Response> {
  switch (fault.type) {
    case 'latency': {
      if (fault.before) {
        await wait(clock, fault.ms, signal)
        return work.process()
      }
      const response = await work.process()
      await wait(clock, fault.ms, signal)
      return response
    }
    case 'status':
      return failWith(fault, work)
    case 'html':
      return new Response('<!doctype html><title>Sign in to this network</title><p>Welcome to our wifi.</p>', {
        status: fault.status ?? 200,
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
      })
    case 'junk':
      return work.finish(
        new Response('{"access_token":"', { status: 200, headers: { 'Content-Type': 'application/json' } }),
      )
    case 'drop':
      throw networkError()
    case 'hang':
      await wait(clock, null, signal)
      throw networkError()
    case 'lost_answer':
      work.entry.status = (await work.process()).status
      throw networkError()
  }
}

function failWith(fault: Fault & { type: 'status' }, work: Work): Response {
  const { status, body, headers = {} } = fault
  if (status === 204 || status === 205 || status === 304) return work.finish(new Response(null, { status, headers }))
  const [code, message] =
    knownFailures[status] ?? (status >= 500 ? unexpected : (['unknown', 'Injected fault'] as const))
  work.entry.code = code
  const normal = withHeaders(work.fail(status, code, message), headers)
  if (body === undefined) return normal
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers: normal.headers })
}

const unexpected = ['unexpected_failure', 'Unexpected failure, please check server logs for more information'] as const

/** What Supabase Auth says with a status that says it all. */
const knownFailures: Readonly<Record<number, readonly [code: string, message: string]>> = {
  409: ['conflict', 'Too many concurrent token refresh requests on the same session or refresh token'],
  413: ['request_entity_too_large', 'Request body too large (max 1048576 bytes)'],
  429: ['over_request_rate_limit', 'Request rate limit reached'],
  504: ['request_timeout', 'Processing this request timed out, please retry after a moment.'],
}
