import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

export interface Served {
  readonly origin: string
  readonly close: () => Promise<void>
}

/** Serves a handler on this machine. Where it rejects, as the mock does for `drop`, the connection breaks. */
export async function serve(handle: (request: Request) => Promise<Response>): Promise<Served> {
  const server = createServer((request, response) => {
    const errorHandler = () => void response.destroy()
    void getRequestListener(handle, { overrideGlobalObjects: false, errorHandler })(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
