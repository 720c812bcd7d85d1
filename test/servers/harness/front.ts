import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOwners, fingerprint } from './people.ts'
import { bodyStrings, cookiePairs, headerStrings } from './strings.ts'
import type { Hit } from './types.ts'

/** Answers a request itself, or says that it does not. */
export type Serve = (path: string, response: ServerResponse) => boolean

export interface Front {
  readonly url: string
  /** Every request that went through to the server, in order of arrival. */
  readonly hits: readonly Hit[]
  /** Where requests go: the server behind is started after its front, for it must know its own address. */
  readonly setTarget: (url: string) => void
  /** From now on a request with the bearer `old` reaches the server with another one: an expired one, for instance. */
  readonly replaceBearer: (old: string, by: string) => void
  /** Files that the front answers itself. */
  readonly setPage: (serve: Serve) => void
  readonly stop: () => Promise<void>
}

/** A proxy that hands everything through unchanged, and writes down who asked for what. */
export async function startFront(credential = /refresh/i): Promise<Front> {
  const hits: Hit[] = []
  const owners = createOwners()
  const replaced = new Map<string, string>()
  let target: URL | null = null
  let serve: Serve = () => false

  const forward = (incoming: IncomingMessage, body: Buffer, response: ServerResponse, to: URL) => {
    const type = incoming.headers['content-type']
    const members = bodyStrings(body.toString(), type)
    const cookies = cookiePairs(incoming.headers.cookie)
    const bearer = /^\S+ (\S+)$/.exec(incoming.headers.authorization ?? '')?.[1] ?? null
    const spent = [...members, ...cookies].find(([name]) => credential.test(name) && name !== 'grant_type')?.[1]
    const known = [...members, ...cookies].map(([, text]) => text)
    const hit: Hit = {
      at: Date.now(),
      method: incoming.method ?? '',
      path: (incoming.url ?? '').split('?')[0] ?? '',
      grant: members.find(([name]) => name === 'grant_type')?.[1] ?? null,
      agent: incoming.headers['user-agent'] ?? '',
      refresh: spent ? fingerprint(spent) : null,
      bearer: bearer && fingerprint(bearer),
      person: owners.of(bearer ? [...known, bearer] : known),
      status: null,
    }
    hits.push(hit)
    // Without an encoding the answer can be read on its way.
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' }
    const by = bearer && replaced.get(bearer)
    if (by) headers.authorization = headers.authorization?.replace(bearer, by)
    const { method, url: path } = incoming
    const outgoing = request({ host: to.hostname, port: to.port, method, path, headers, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => {
        const whole = Buffer.concat(parts)
        hit.status = answer.statusCode ?? null
        if (hit.person) {
          const told = bodyStrings(whole.toString(), answer.headers['content-type']).map(([, text]) => text)
          owners.learn(hit.person, [...told, ...headerStrings(answer.headers)])
        }
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders).end(whole)
      })
    })
    outgoing.on('error', (error) => {
      if (!response.headersSent) response.writeHead(502, { 'Content-Type': 'text/plain' }).end(error.message)
    })
    response.on('close', () => outgoing.destroy())
    outgoing.end(body)
  }

  const server = createServer((incoming, response) => {
    if (serve((incoming.url ?? '/').split('?')[0] ?? '/', response)) return
    const parts: Buffer[] = []
    incoming.on('data', (part) => parts.push(part))
    incoming.on('end', () => {
      if (target) forward(incoming, Buffer.concat(parts), response, target)
      else response.writeHead(503).end()
    })
  })
  return {
    url: await listen(server),
    hits,
    setTarget: (url) => {
      target = new URL(url)
    },
    replaceBearer: (old, by) => {
      replaced.set(old, by)
    },
    setPage: (next) => {
      serve = next
    },
    stop: () => close(server),
  }
}

/** Listens on a free port of the loopback. Resolves with the origin. */
export async function listen(server: Server): Promise<string> {
  // By default the end of an idle connection and the next request on it can meet.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve)
    server.closeAllConnections()
  })
}
