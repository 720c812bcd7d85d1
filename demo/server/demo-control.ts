import { type Context, Hono } from 'hono'
import type { LoggedRequest, MockAuth, MockCall } from '../../src/testing/auth-server/index.ts'
import { readBody } from './auth-routes.ts'
import { isOwn } from './same-origin.ts'
import type { Thief } from './thief.ts'
import type { Side, Traffic } from './traffic.ts'

export interface DemoControlOptions {
  readonly mock: () => MockAuth
  /** null: there is no second origin. */
  readonly otherOrigin: string | null
  readonly defaultLifetime: number
  readonly traffic: Traffic
  readonly thief: Thief
  /** Moves the server's clock. */
  readonly pass: (ms: number) => void
  /** Makes everything as it was at the start. */
  readonly reset: () => void
}

export interface DemoControl {
  /** The routes under `/api/demo`. */
  readonly app: Hono
  /** Whether every connection is to be cut, as a lost network would. */
  readonly offline: () => boolean
  /** Puts a request through the trouble that is switched on. An answer means: do not go on. */
  readonly obstruct: (request: Request) => Promise<Response | null>
}

const shownCalls: readonly MockCall[] = ['sign_in', 'refresh', 'sign_out', 'user']
const refreshPath = /^\/api\/(auth|cookie)\/refresh-token$/

/** Switches with which the demo breaks things on purpose. They exist only in front of the mock auth server. */
export function createDemoControl(options: DemoControlOptions): DemoControl {
  const { mock, otherOrigin, defaultLifetime, traffic, thief } = options
  let down = false
  let hanging = false
  let offline = false
  let authDown = false
  let lifetime = defaultLifetime
  const released = new Set<() => void>()

  function hang(on: boolean): void {
    hanging = on
    if (on) return
    for (const release of released) release()
    released.clear()
  }

  const state = (): Readonly<Record<string, unknown>> => ({
    down,
    authDown,
    offline,
    hang: hanging,
    lifetime,
    otherOrigin,
  })

  const app = new Hono().basePath('/api/demo')
  app.use(async (context, next) => {
    if (!isOwn(context.req.raw)) return context.json({ detail: 'Only for the demo’s own pages' }, 403)
    await next()
  })
  app.get('/', (context) => context.json(state()))
  app.post('/expire', (context) => {
    mock().admin.expireAccessTokens()
    return context.json(state())
  })
  app.post('/lifetime', async (context) => {
    const { seconds } = await readBody(context)
    if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1) {
      return context.json({ detail: 'seconds must be a whole number of at least 1' }, 422)
    }
    lifetime = seconds
    mock().admin.setTokenLifetime(seconds)
    return context.json(state())
  })
  app.post('/down', async (context) => {
    const on = await switchOf(context)
    if (on === null) return context.json(onlyOnOff, 422)
    down = on
    return context.json(state())
  })
  app.post('/auth-down', async (context) => {
    const on = await switchOf(context)
    if (on === null) return context.json(onlyOnOff, 422)
    authDown = on
    return context.json(state())
  })
  app.post('/offline', async (context) => {
    const on = await switchOf(context)
    if (on === null) return context.json(onlyOnOff, 422)
    offline = on
    return context.json(state())
  })
  app.post('/hang', async (context) => {
    const on = await switchOf(context)
    if (on === null) return context.json(onlyOnOff, 422)
    hang(on)
    return context.json(state())
  })
  app.get('/log', (context) => {
    const last = Math.min(Math.max(Number(context.req.query('last')) || 50, 1), 500)
    const { log, count } = mock()
    const counts = Object.fromEntries(shownCalls.map((call) => [call, count(call)]))
    return context.json({ counts, entries: log.slice(-last).map(redact) })
  })
  app.get('/traffic', async (context) => {
    const [keyturn, usual] = await Promise.all([thief.holds('keyturn'), thief.holds('usual')])
    return context.json({ counts: traffic.counts(), last: traffic.last(200), thief: { keyturn, usual } })
  })
  app.post('/end-sessions', (context) => {
    mock().admin.revokeSessions()
    return context.json(state())
  })
  app.post('/pass', async (context) => {
    const { seconds } = await readBody(context)
    if (typeof seconds !== 'number' || !Number.isFinite(seconds))
      return context.json({ detail: 'seconds must be a number' }, 422)
    options.pass(seconds * 1000)
    return context.json(state())
  })
  app.post('/steal', async (context) => {
    const { side, token } = await readBody(context)
    if (!isSide(side)) return context.json({ detail: 'side must be keyturn or usual' }, 422)
    const got = await thief.steal(side, typeof token === 'string' ? token : undefined)
    return context.json({ got })
  })
  app.post('/reset', (context) => {
    down = authDown = offline = false
    hang(false)
    lifetime = defaultLifetime
    options.reset()
    return context.json(state())
  })
  app.notFound((context) => context.json({ detail: 'Not Found' }, 404))

  return {
    app,
    offline: () => offline,
    obstruct: async (request) => {
      if (down) return Response.json({ detail: 'Switched off for the demo' }, { status: 503 })
      if (authDown && refreshPath.test(new URL(request.url).pathname))
        return Response.json({ detail: 'Switched off for the demo' }, { status: 503 })
      if (hanging && refreshPath.test(new URL(request.url).pathname)) {
        await new Promise<void>((resolve) => {
          const release = (): void => {
            released.delete(release)
            resolve()
          }
          released.add(release)
          request.signal.addEventListener('abort', release, { once: true })
        })
        if (request.signal.aborted) return Response.json({ detail: 'Gone' }, { status: 503 })
      }
      return null
    },
  }
}

const isSide = (side: unknown): side is Side => side === 'keyturn' || side === 'usual'

const onlyOnOff = { detail: 'on must be true or false' }

async function switchOf(context: Context): Promise<boolean | null> {
  const { on } = await readBody(context)
  return typeof on === 'boolean' ? on : null
}

/** A log entry without its tokens, named member by member so that none can slip in. */
function redact(entry: LoggedRequest): Readonly<Record<string, unknown>> {
  const { at, call, method, path, status, fault, userId, sessionId, verdict, code } = entry
  return { at, call, method, path, status, fault, userId, sessionId, verdict, code }
}
