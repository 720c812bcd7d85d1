import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ServerOptions {
  /**
   * `strict`: the second use of a refresh token ends the session. `forgiving`: for the parent of the current one the current
   * one is given again, as Supabase does.
   */
  readonly rotation?: 'strict' | 'forgiving' | 'none'
  /** Life of an access token in seconds. */
  readonly life?: number
  /** How long (ms) a refresh takes before it is committed, and after. */
  readonly delay?: (until: 'commit' | 'answer') => number
}

export interface Refresh {
  readonly by: string
  readonly sent: string
  readonly result: 'rotated' | 'parent' | 'reuse'
  readonly given: string | null
  /** Of which sign-in the token was, counted from 1. */
  readonly session: number
  readonly at: number
}

export interface AuthServer {
  readonly url: string
  /** Every refresh that arrived, in order. */
  readonly refreshes: Refresh[]
  signIns: number
  /** What the session of now is renewed with. */
  current: string | null
  /** What it answers next: an HTTP status in place of the real answer, before anything is done. */
  refuse: number | null
  /** Ends the session, as an administrator would. */
  end(): void
  close(): Promise<void>
}

/** A real auth server of one account with rotating refresh tokens. Ends with the test. */
export async function startServer({ rotation = 'strict', life = 600, delay }: ServerOptions = {}): Promise<AuthServer> {
  let count = 0
  let parent: string | null = null
  let access: string | null = null
  /** By which sign-in each refresh token came: a reuse ends that session, and no other. */
  const families = new Map<string, number>()

  const tokens = (again = false) => {
    access = `access-${++count}`
    if (!again && (rotation !== 'none' || !server.current)) {
      parent = server.current
      server.current = `refresh-${count}`
      families.set(server.current, server.signIns)
    }
    return { access_token: access, refresh_token: server.current, expires_in: life, user: { name: 'Ada' } }
  }
  const answer = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
  const wait = async (until: 'commit' | 'answer') => {
    const ms = delay?.(until) ?? 0
    if (ms) await new Promise((resolve) => setTimeout(resolve, ms))
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const part of request) text += part
    const body = JSON.parse(text || '{}') as { refresh_token?: string; password?: string }
    if (server.refuse) return answer(response, server.refuse, { error: 'refused' })
    switch (request.url) {
      case '/auth/login': {
        if (body.password !== 'secret') return answer(response, 401, { message: 'Wrong password' })
        server.signIns++
        server.current = parent = null
        return answer(response, 200, tokens())
      }
      case '/auth/refresh-token': {
        await wait('commit')
        const sent = String(body.refresh_token)
        const forgiven = rotation === 'forgiving' && parent !== null && sent === parent
        const result = sent === server.current ? 'rotated' : forgiven ? 'parent' : 'reuse'
        if (result === 'reuse' && families.get(sent) === server.signIns) server.current = parent = null
        const given = result === 'reuse' ? null : tokens(forgiven)
        const by = String(request.headers['x-pid'])
        const session = families.get(sent) ?? 0
        server.refreshes.push({ by, sent, result, given: given?.refresh_token ?? null, session, at: Date.now() })
        await wait('answer')
        return given ? answer(response, 200, given) : answer(response, 401, { error: 'invalid_grant' })
      }
      case '/auth/logout':
        server.end()
        return answer(response, 200, {})
      case '/hello': {
        const good = request.headers.authorization === `Bearer ${access}`
        return answer(response, good ? 200 : 401, {})
      }
      default:
        return answer(response, 404, {})
    }
  }

  const listener = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const server: AuthServer = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    refreshes: [],
    signIns: 0,
    current: null,
    refuse: null,
    end() {
      server.current = parent = access = null
    },
    close: () =>
      new Promise((resolve) => {
        listener.closeAllConnections()
        listener.close(() => resolve())
      }),
  }
  onTestFinished(() => server.close())
  return server
}
