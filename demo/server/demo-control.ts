import { type Context, Hono } from 'hono'
import type { LoggedRequest, MockAuth, MockCall } from '../../src/testing/auth-server/index.ts'
import { readBody } from './auth-routes.ts'

export interface DemoControlOptions {
  readonly mock: () => MockAuth
  readonly otherOrigin: string
  readonly defaultLifetime: number
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
const refreshPath = '/api/auth/refresh-token'

/** Switches with which the demo breaks things on purpose. They exist only in front of the mock auth server. */
export function createDemoControl(options: DemoControlOptions): DemoControl {
  const { mock, otherOrigin, defaultLifetime } = options
  let down = false
  let hanging = false
  let offline = false
  let lifetime = defaultLifetime
  const released = new Set<() => void>()

  function hang(on: boolean): void {
    hanging = on
    if (on) return
    for (const release of released) release()
    released.clear()
  }

  const state = (): Readonly<Record<string, unknown>> => ({ down, offline, hang: hanging, lifetime, otherOrigin })

  const app = new Hono().basePath('/api/demo')
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
  app.post('/reset', (context) => {
    down = offline = false
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
      if (hanging && new URL(request.url).pathname === refreshPath) {
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
