import type { Clock } from '../contract/clock.ts'
import type { Exchange } from './create-exchange.ts'
import type { Incoming } from './message.ts'

async function readUpTo(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array | null> {
  if (!body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > limit) {
      await reader.cancel()
      return null
    }
    chunks.push(next.value)
  }
  return Buffer.concat(chunks)
}

/** The exchange as a standard `Request → Response` function. */
export function createRequestHandler(exchange: Exchange, clock: Clock): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const incoming: Incoming = {
      method: request.method,
      path: pathname,
      query: search.slice(1),
      // A Request does not tell who sent it.
      address: '',
      header: (name) => request.headers.get(name) ?? undefined,
      body: (limit) => readUpTo(request.body, limit),
    }
    const { status, headers, body } = await exchange(incoming)
    const response = new Response(status === 204 || request.method === 'HEAD' ? null : body, { status, headers })
    // Clients read from it how far their clock is from ours.
    response.headers.set('date', new Date(clock.now()).toUTCString())
    return response
  }
}
