import { createServer } from 'node:http'
import type { Express } from 'express'
import { close, listen } from '../../harness/front.ts'
import type { Started } from '../../harness/types.ts'

/** Serves an Express app on a free port of the loopback. */
export async function serveApp(app: Express): Promise<Started> {
  const server = createServer(app)
  return { url: await listen(server), stop: () => close(server) }
}
