import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from './client.ts'
import { close, type Front, listen, type Serve, startFront } from './front.ts'
import type { AuthServer } from './types.ts'

/** A server that runs, behind its logging proxy. */
export interface Running {
  readonly server: AuthServer
  /** Origin of the server as browsers see it: the proxy. */
  readonly url: string
  /** Address of the page. */
  readonly pageUrl: string
  readonly accessLife: number
  readonly hits: Front['hits']
  /** Says which page is at `pageUrl`. */
  readonly setPage: (serve: Serve) => void
  readonly replaceBearer: Front['replaceBearer']
  readonly client: Client
  readonly stop: () => Promise<void>
}

export interface RunOptions {
  /** Seconds. */
  readonly accessLife?: number
  /** Whether the page has the server's origin, or one of its own. */
  readonly page?: 'same' | 'other'
}

/** Where the page is when it has the server's origin. */
const PAGE = '/page/'

/** Starts a server with a database in a folder of its own, a proxy in front of it, and a place for a page. */
export async function run(server: AuthServer, options: RunOptions = {}): Promise<Running> {
  const { accessLife = 20, page = 'same' } = options
  const undo: Array<() => Promise<unknown>> = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'keyturn-server-'))
    undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const front = await startFront(server.credential)
    undo.push(front.stop)
    let serve: Serve = () => false
    let origin = front.url
    if (page === 'other') {
      const site = createServer((request, response) => {
        if (!serve((request.url ?? '/').split('?')[0] ?? '/', response)) response.writeHead(404).end()
      })
      origin = await listen(site)
      undo.push(() => close(site))
    } else front.setPage((path, response) => serve(path, response))
    const started = await server.start({ publicUrl: front.url, appOrigin: origin, accessLife, folder })
    undo.push(started.stop)
    front.setTarget(started.url)
    return {
      server,
      url: front.url,
      pageUrl: origin + PAGE,
      accessLife,
      hits: front.hits,
      setPage: (next) => {
        serve = (path, response) => path.startsWith(PAGE) && next(path.slice(PAGE.length - 1), response)
      },
      replaceBearer: front.replaceBearer,
      client: createClient(server, front.url, origin),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
