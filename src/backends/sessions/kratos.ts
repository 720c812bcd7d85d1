import type { HttpAnswer } from '../http.ts'
import type { Ask, SessionPreset } from './preset.ts'

export interface KratosOptions {
  /** Kratos' public address. */
  readonly baseUrl: string
  /**
   * Which call extends the session of this id. Kratos has it in its admin API only (`PATCH /admin/sessions/{id}/extend`), which no page
   * may reach: let your back end hand it on. Default: nothing does, and the session ends in its time.
   * @example (id) => `POST /api/sessions/${id}/extend`
   */
  readonly extend?: (sessionId: string) => string
  /**
   * Kratos' flows for programs without cookies: the session token is visible, and goes along as a bearer. For Node, not for
   * pages. Default: false: the session is in Kratos' HttpOnly cookie.
   */
  readonly tokens?: boolean
}

export interface KratosCredentials {
  /** What Kratos calls `identifier`. */
  readonly email: string
  readonly password: string
}

interface KratosSession {
  readonly id?: string
  readonly active?: boolean
  readonly expires_at?: string
  readonly identity?: object
}
interface Flow {
  readonly id?: string
  readonly ui?: {
    readonly messages?: readonly { readonly text?: string }[]
    readonly nodes?: readonly { readonly attributes?: { readonly name?: string; readonly value?: unknown } }[]
  }
}

const sessionOf = ({ json }: HttpAnswer): KratosSession => (json.session ?? json) as KratosSession
/** Kratos names its errors `error.id`. */
const named = (answer: HttpAnswer): HttpAnswer => {
  const id = (answer.json.error as { id?: unknown } | undefined)?.id
  return typeof id === 'string' ? { ...answer, code: id } : answer
}

/**
 * Ory Kratos, with its sign-in by password. `user` is Kratos' identity: `{ id, traits, … }`.
 *
 * An extension answers 204; or 404, also when it came too early or twice: so `/sessions/whoami` has the last word on whether the
 * session lives, and until when. Its 403 `session_aal2_required` asks for a second factor: the app is told, and nobody is signed out.
 * A sign-in by Kratos' own pages: leave for them, and call `auth.adopt({})` when somebody comes back.
 */
export function kratos({ baseUrl, extend, tokens = false }: KratosOptions): SessionPreset<KratosCredentials> {
  const base = baseUrl.replace(/\/+$/, '')
  const flows = `${base}/self-service`
  const whoami = async (ask: Ask, token: string | null) => named(await ask('GET', `${base}/sessions/whoami`, { token }))
  return Object.freeze({
    kind: { access: tokens ? 'token' : 'cookie', refresh: 'access' },
    baseUrl,
    async signIn(ask, { email, password }) {
      const begun = named(await ask('GET', `${flows}/login/${tokens ? 'api' : 'browser'}`))
      const { id, ui } = begun.json as Flow
      if (!id) return begun
      const csrf_token = ui?.nodes?.find(({ attributes }) => attributes?.name === 'csrf_token')?.attributes?.value
      const body = { method: 'password', identifier: email, password, csrf_token }
      const answer = named(await ask('POST', `${flows}/login?flow=${encodeURIComponent(id)}`, { body }))
      const text = (answer.json as Flow).ui?.messages?.[0]?.text
      return text ? { ...answer, words: text } : answer
    },
    async extend(ask, { accessToken }) {
      const known = await whoami(ask, accessToken)
      const { id } = sessionOf(known)
      if (!known.ok || !id || !extend) return known
      const [method = '', url = ''] = extend(id).split(' ')
      return ask(method, url, { token: accessToken })
    },
    check: (ask, { accessToken }) => whoami(ask, accessToken),
    async end(ask, { accessToken: token }, scope) {
      if (scope !== 'local') {
        const others = named(await ask('DELETE', `${base}/sessions`, { token, keepalive: true }))
        if (scope === 'others' || !others.ok) return others
      }
      if (tokens)
        return ask('DELETE', `${flows}/logout/api`, { token, body: { session_token: token }, keepalive: true })
      const begun = named(await ask('GET', `${flows}/logout/browser`, { keepalive: true }))
      const { logout_token } = begun.json
      if (typeof logout_token !== 'string') return begun
      return ask('GET', `${flows}/logout?token=${encodeURIComponent(logout_token)}`, { keepalive: true })
    },
    read(answer) {
      const { active, expires_at = '', identity } = sessionOf(answer)
      const { session_token } = answer.json
      if (active === false || !identity) return null
      return {
        accessToken: typeof session_token === 'string' ? session_token : null,
        expiresAt: Date.parse(expires_at) / 1000 || undefined,
        user: identity,
      }
    },
    judge(answer, call) {
      const { status, code } = answer
      if (code === 'session_aal2_required') return 'interaction_required'
      if (call === 'check' && sessionOf(answer).active === false) return 'rejected'
      // A 401 of whoami comes with this id; one of whoever hands the extension on does not.
      if (code === 'session_inactive') return 'rejected'
      // The native logout's 403: no such token.
      return call === 'end' && (status === 401 || (tokens && status === 403)) ? 'rejected' : undefined
    },
  } satisfies SessionPreset<KratosCredentials>)
}
