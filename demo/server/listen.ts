import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

export interface Listening {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** Serves a handler on this machine only. Port 0: any that is free. */
export async function listen(
  handle: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<Listening> {
  const server = createServer((request, response) => {
    // A handler that throws has dropped the request: the connection breaks, as it does in a bad network.
    const errorHandler = () => void response.destroy()
    void getRequestListener(handle, { overrideGlobalObjects: false, errorHandler })(request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
