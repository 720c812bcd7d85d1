/** One origin: the API of a strict auth server below `/api`, and everything else from the app that renders. */
import { createServer, request } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createMockAuth, type MockAuth } from 'keyturn/testing'
import { close, listen } from '../harness/front.ts'
import { people } from '../harness/people.ts'

/** What an app is told. `secret`: the access tokens are signed with it. */
export interface Surroundings {
  readonly api: string
  readonly secret: string
}

export interface RenderingApp {
  readonly url: string
  readonly stop: () => Promise<unknown>
}

export interface Served {
  readonly url: string
  readonly mock: MockAuth
  readonly stop: () => Promise<void>
}

export async function serveApp(start: (surroundings: Surroundings) => Promise<RenderingApp>): Promise<Served> {
  const secret = 'the secret of the auth server, for access tokens'
  const mock = createMockAuth({ profile: 'strict', signing: 'HS256', jwtSecret: secret, users: people })
  const api = getRequestListener((incoming) => mock.handle(incoming), { overrideGlobalObjects: false })
  let target: URL | null = null
  const front = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/api/')) return void api(incoming, response)
    const { method, url: path, headers } = incoming
    const to = { hostname: target?.hostname, port: target?.port, method, path, headers }
    const outgoing = request(to, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  const url = await listen(front)
  const app = await start({ api: `${url}/api`, secret })
  target = new URL(app.url)
  return {
    url,
    mock,
    stop: async () => {
      await close(front)
      await app.stop()
    },
  }
}
