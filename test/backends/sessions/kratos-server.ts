import type { FakeClock } from 'keyturn/testing'
import { type Handle, json } from './site.ts'

export const KRATOS = 'https://kratos.example.test'

interface KratosSession {
  readonly id: string
  readonly token: string
  readonly email: string
  active: boolean
  expiresAt: number
  aal: 'aal1' | 'aal2'
}

export interface KratosServer {
  readonly handle: Handle
  readonly sessions: KratosSession[]
  /** ms that a session lives. */
  lifespan: number
  /** ms before the end from which on it can be extended (`earliest_possible_extend`); null: at any time. */
  earliest: number | null
  /** Older networks answer an extension with 200 and the session. */
  answersWithBody: boolean
  /** `session.whoami.required_aal: highest_available`, for people who have a second factor. */
  wantsSecondFactor: boolean
}

const error = (status: number, id: string, reason: string) =>
  json({ error: { id, code: status, status: 'Error', reason, message: reason } }, status)
const noSession = () => error(401, 'session_inactive', 'No active session was found in this request.')

/**
 * What this kit uses of Ory Kratos, as its API has it: our own server, not Kratos. The flows for browsers (a cookie, a CSRF token) and for
 * programs, `whoami`, the logouts, `DELETE /sessions`, and the extension of the admin API, which answers 204, and 404 for a session that is
 * unknown, was extended a moment ago, or may not be extended yet.
 */
export function createKratosServer(clock: FakeClock): KratosServer {
  let count = 0
  const flows = new Map<string, { csrf: string | null }>()
  const logouts = new Map<string, KratosSession>()
  const shown = ({ id, email, active, expiresAt, aal }: KratosSession) => ({
    id,
    active,
    expires_at: new Date(expiresAt).toISOString(),
    authenticator_assurance_level: aal,
    identity: { id: `identity-of-${email}`, traits: { email } },
  })
  const find = ({ headers }: Request): KratosSession | undefined => {
    const cookie = /ory_kratos_session=([^;]+)/.exec(headers.get('cookie') ?? '')?.[1]
    const bearer = /^bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    const token = headers.get('x-session-token') ?? bearer ?? cookie
    return server.sessions.find((it) => it.token === token && it.active && clock.now() < it.expiresAt)
  }
  const signIn = async (request: Request, id: string): Promise<Response> => {
    const flow = flows.get(id)
    const { method, identifier, password, csrf_token } = await request.json()
    if (!flow) return error(410, 'self_service_flow_expired', 'The login flow expired.')
    if (flow.csrf !== null && csrf_token !== flow.csrf)
      return error(403, 'security_csrf_violation', 'A security violation was detected.')
    if (method !== 'password' || password !== 'secret') {
      const text =
        'The provided credentials are invalid, check for spelling mistakes in your password or username, email address, or phone number.'
      return json({ id, ui: { messages: [{ id: 4000006, text, type: 'error' }], nodes: [] } }, 400)
    }
    flows.delete(id)
    const session: KratosSession = {
      id: `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
      token: `ory_st_${crypto.randomUUID().replaceAll('-', '')}`,
      email: identifier,
      active: true,
      expiresAt: clock.now() + server.lifespan,
      aal: 'aal1',
    }
    server.sessions.push(session)
    if (flow.csrf === null) return json({ session_token: session.token, session: shown(session) })
    return json({ session: shown(session) }, 200, {
      'set-cookie': `ory_kratos_session=${session.token}; Path=/; HttpOnly; SameSite=Lax`,
    })
  }
  const extend = (id: string): Response => {
    const session = server.sessions.find((it) => it.id === id && it.active && clock.now() < it.expiresAt)
    const end = clock.now() + server.lifespan
    const early = server.earliest !== null && session && session.expiresAt - clock.now() > server.earliest
    if (!session || early || session.expiresAt === end) return error(404, 'not_found', 'Unable to locate the resource')
    session.expiresAt = end
    return server.answersWithBody ? json(shown(session)) : json(null, 204)
  }

  const handle: Handle = async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    const call = `${request.method} ${pathname}`
    const [, extended] = /^PATCH \/admin\/sessions\/([\w-]+)\/extend$/.exec(call) ?? []
    if (extended) return extend(extended)
    const session = find(request)
    switch (call) {
      case 'GET /self-service/login/browser':
      case 'GET /self-service/login/api': {
        const id = crypto.randomUUID()
        const csrf = pathname.endsWith('browser') ? crypto.randomUUID() : null
        flows.set(id, { csrf })
        const nodes = [{ attributes: { name: 'csrf_token', type: 'hidden', value: csrf ?? '' } }]
        return json({ id, ui: { action: `${KRATOS}/self-service/login?flow=${id}`, method: 'POST', nodes } })
      }
      case 'POST /self-service/login':
        return signIn(request, searchParams.get('flow') ?? '')
      case 'GET /sessions/whoami':
        if (!session) return noSession()
        if (server.wantsSecondFactor && session.aal === 'aal1')
          return error(
            403,
            'session_aal2_required',
            'An active session was found but a higher authentication level is required.',
          )
        return json(shown(session))
      case 'DELETE /sessions': {
        if (!session) return noSession()
        const others = server.sessions.filter((it) => it.email === session.email && it !== session && it.active)
        for (const other of others) other.active = false
        return json({ count: others.length })
      }
      case 'DELETE /self-service/logout/api': {
        const { session_token } = await request.json()
        const known = server.sessions.find(({ token }) => token === session_token)
        if (!known) return error(403, 'forbidden', 'The requested action was forbidden')
        known.active = false
        return json(null, 204)
      }
      case 'GET /self-service/logout/browser': {
        if (!session) return noSession()
        const logout_token = crypto.randomUUID()
        logouts.set(logout_token, session)
        return json({ logout_token, logout_url: `${KRATOS}/self-service/logout?token=${logout_token}` })
      }
      case 'GET /self-service/logout': {
        const out = logouts.get(searchParams.get('token') ?? '')
        if (!out) return error(403, 'forbidden', 'No such logout token.')
        out.active = false
        return json(null, 204, { 'set-cookie': 'ory_kratos_session=; Path=/; Max-Age=0' })
      }
      default:
        return error(404, 'not_found', 'Not Found')
    }
  }
  const server: KratosServer = {
    handle,
    sessions: [],
    lifespan: 60_000,
    earliest: null,
    answersWithBody: false,
    wantsSecondFactor: false,
  }
  return server
}
