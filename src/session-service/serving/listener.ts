import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Exchange } from '../handler/create-exchange.ts'
import type { Incoming } from '../handler/message.ts'

function readUpTo(request: IncomingMessage, limit: number): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      // The rest is read and thrown away, so that the answer can reach a client that is still sending.
      else resolve(null)
    })
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => reject(new Error('The request broke off.')))
  })
}

function incomingOf(request: IncomingMessage): Incoming {
  const { url = '/', headers } = request
  const mark = url.indexOf('?')
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    address: request.socket.remoteAddress ?? '',
    header(name) {
      const value = headers[name]
      return typeof value === 'string' ? value : value?.join(', ')
    },
    body: (limit) => readUpTo(request, limit),
  }
}

/** How long (ms) a client may go on sending what nobody wants. */
const LINGER = 2_000

/**
 * Answers a client that is still sending. A connection that is closed on what was sent is reset (RFC 9112, 9.6), and the
 * client may never see the answer: so the rest is read and thrown away first, for a while.
 */
function linger(request: IncomingMessage, response: ServerResponse, body: string | undefined): void {
  if (body) response.write(body)
  const timer = setTimeout(end, LINGER)
  function end(): void {
    clearTimeout(timer)
    response.end()
  }
  request.once('end', end).once('close', end).resume()
}

/**
 * The exchange as a listener of `node:http`, without a `Request` and a `Response` in between: they cost more than all the rest of a
 * validation.
 */
export function createListener(exchange: Exchange, ending: () => boolean): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    void exchange(incomingOf(request)).then(({ status, headers, body }) => {
      const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
      const halfRead = !(request.complete || request.method === 'GET')
      // Half-read bodies and the end of the service both end the connection.
      const close = ending() || halfRead ? { connection: 'close' } : {}
      response.writeHead(status, { ...headers, ...length, ...close })
      // As text: Node sends head and body in one piece then.
      const content = request.method === 'HEAD' || status === 204 ? undefined : body
      if (halfRead) linger(request, response, content)
      else response.end(content)
    })
  }
}
