import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { restBackend } from 'keyturn'
import { createServerAuth } from 'keyturn/server'
import { buildPage, sendFile } from '../../browser/harness/page-files.ts'
import { close, listen } from '../harness/front.ts'
import { renderingSuite } from '../rendering/suite.ts'
import { createApp } from './hono/app.tsx'

renderingSuite(
  'Hono',
  async ({ api, secret }) => {
    const files = await buildPage(new URL('./hono/', import.meta.url))
    const server = createServerAuth({
      verify: { keys: new TextEncoder().encode(secret) },
      backend: restBackend({ baseUrl: api }),
    })
    const app = createApp(server, String(files.get('/index.html')))
    const render = getRequestListener(app.fetch, { overrideGlobalObjects: false })
    const http = createServer((request, response) => {
      const path = (request.url ?? '/').split('?')[0] ?? '/'
      if (path !== '/' && files.has(path)) sendFile(files, path, response)
      else void render(request, response)
    })
    return { url: await listen(http), stop: () => close(http) }
  },
  // `LONG=1`: as often as the docs say.
  process.env.LONG ? 50 : 8,
)
