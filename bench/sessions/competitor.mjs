// One of the servers that the session service is measured against, by its name: node competitor.mjs <name> <redis url>.
// All do the same work over the same Redis: make a session for a user, say whose it is, extend it.
import { createServer } from 'node:http'
import { createClient } from 'redis'

const [name, url] = process.argv.slice(2)
// Without the package's time limit for each command, which costs as much as the rest of it: the session service has its own.
const redis = await createClient({ url, commandOptions: { timeout: 0 } }).connect()
const secret = 'a secret of the benchmark that is long enough'
const ttl = 86_400

const servers = {
  /** The floor: one GET to Redis and nothing else. */
  async bare() {
    return createServer(async (request, response) => {
      const value = await redis.get(`bare:${request.headers['x-session-id']}`)
      const body = value === null ? '{"valid":false}' : `{"valid":true,"user_id":${JSON.parse(value).user_id}}`
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      response.end(body)
    })
  },
  /** express-session as its README has it. `disableTouch` spares it a write on each validation. */
  async expressSession(disableTouch) {
    const { default: express } = await import('express')
    const { default: session } = await import('express-session')
    const { RedisStore } = await import('connect-redis')
    const app = express()
    app.disable('x-powered-by')
    const store = new RedisStore({ client: redis, prefix: 'sess:', ttl, disableTouch })
    app.use(express.json())
    app.use(session({ store, secret, resave: false, saveUninitialized: false, cookie: { maxAge: ttl * 1000 } }))
    app.post('/session', (request, response) => {
      request.session.user_id = request.body.user_id
      response.json({ ok: true })
    })
    app.get('/session/validate', ({ session: { user_id } }, response) => {
      response.json(user_id === undefined ? { valid: false } : { valid: true, user_id })
    })
    app.post('/session/refresh', (request, response) => {
      response.json({ expires_at: Math.floor(request.session.cookie.expires / 1000) })
    })
    return createServer(app)
  },
  express: () => servers.expressSession(false),
  untouched: () => servers.expressSession(true),
  async fastify() {
    const { default: fastify } = await import('fastify')
    const { default: cookie } = await import('@fastify/cookie')
    const { default: session } = await import('@fastify/session')
    const { RedisStore } = await import('connect-redis')
    const app = fastify()
    await app.register(cookie)
    await app.register(session, {
      store: new RedisStore({ client: redis, prefix: 'fast:', ttl }),
      secret,
      saveUninitialized: false,
      rolling: false,
      cookie: { maxAge: ttl * 1000, secure: false },
    })
    app.post('/session', async (request) => {
      request.session.user_id = request.body.user_id
      return { ok: true }
    })
    app.get('/session/validate', async ({ session: { user_id } }) =>
      user_id === undefined ? { valid: false } : { valid: true, user_id },
    )
    app.post('/session/refresh', async (request) => {
      request.session.touch()
      return { expires_at: Math.floor(Date.now() / 1000) + ttl }
    })
    await app.ready()
    return app.server
  },
}

const server = await servers[name]()
// As the session service has it: connections that wait for their turn stay open.
server.keepAliveTimeout = 65_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ event: 'listening', port: server.address().port })))
