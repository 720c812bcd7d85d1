// site.mjs: a fake site to try it on. Sign in as ada, with the password: correct horse
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { createFakeSite } from 'keyturn/testing'

const site = createFakeSite({ cookie: 'rotating' })
createServer(async (request, response) => {
  const { method = 'GET', url, headers } = request
  const body = method === 'POST' ? await buffer(request) : null
  const answer = await site.handler(new Request(`http://localhost:4000${url}`, { method, headers, body }))
  response.writeHead(answer.status, [...answer.headers].flat())
  response.end(await answer.text())
}).listen(Number(process.env.PORT ?? 4000), 'localhost')
