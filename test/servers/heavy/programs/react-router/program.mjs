// Serves what `react-router build` made. `PORT`, `AUTH_URL` and `AUTH_SECRET` come by the environment.
import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequestListener } from '@react-router/node'

const build = await import('./build/server/index.js')
const render = createRequestListener({ build })
createServer((request, response) => {
  const file = new URL(`build/client${request.url?.split('?')[0]}`, import.meta.url)
  if (!request.url?.startsWith('/assets/') || !existsSync(file)) return render(request, response)
  response.writeHead(200, { 'Content-Type': file.pathname.endsWith('.css') ? 'text/css' : 'text/javascript' })
  createReadStream(file).pipe(response)
}).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'))
