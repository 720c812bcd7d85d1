import { misuse } from '../../core/errors.ts'
import type { HttpAnswer } from '../http.ts'
import type { SessionPreset } from './preset.ts'

export interface SessionServiceOptions {
  /**
   * Where the service is: itself, with `selfService` and the page's origin on its list, or a back end that hands the calls on.
   * Relative ones are resolved against the page.
   */
  readonly baseUrl: string
  /**
   * The address of your back end that finds out who somebody is and makes a session: it gets the credentials by POST and hands
   * on the service's answer, with a `user` beside it if you like. Default: none; hand a session over by `auth.adopt`.
   */
  readonly signIn?: string
}

/**
 * The session service of this package (docs/session-service.md), and others of its contract: a session id that stays, `POST
 * /session/refresh`, `POST /session/invalidate`, `GET /session/validate`. The id is the access token.
 *
 * A page can end its own session only: `signOut({ scope: 'global' })` ends it and says that nothing was revoked elsewhere.
 */
export function sessionService<Credentials = unknown>({
  baseUrl,
  signIn,
}: SessionServiceOptions): SessionPreset<Credentials> {
  const base = baseUrl.replace(/\/+$/, '')
  return Object.freeze({
    kind: { access: 'token', refresh: 'access' },
    baseUrl,
    async signIn(ask, credentials) {
      if (!signIn)
        return misuse('sessionService: without signIn, hand a session over: auth.adopt({ accessToken, expiresAt }).')
      return ask('POST', signIn, { body: credentials })
    },
    extend: (ask, { accessToken }) =>
      ask('POST', `${base}/session/refresh`, { token: accessToken, body: { session_id: accessToken } }),
    check: (ask, { accessToken }) => ask('GET', `${base}/session/validate`, { token: accessToken }),
    async end(ask, { accessToken }, scope) {
      if (scope === 'others' || !accessToken) return false
      const body = { session_id: accessToken }
      const answer = await ask('POST', `${base}/session/invalidate`, { token: accessToken, body, keepalive: true })
      return scope === 'local' || !answer.ok ? answer : false
    },
    read({ json: { session_id, expires_at, valid, user_id, user } }) {
      if (valid === false || !(session_id ?? expires_at ?? valid)) return null
      return {
        accessToken: typeof session_id === 'string' ? session_id : null,
        expiresAt: Number(expires_at) || undefined,
        user: user ?? (user_id === undefined ? null : { id: user_id }),
      }
    },
    judge({ status, code = '', json }: HttpAnswer, call) {
      if (call === 'signIn') return undefined
      if (json.valid === false || /^(session_invalid|unknown_key|session_not_found)$/.test(code)) return 'rejected'
      // They say that this page may not ask, or that the address is wrong: nothing about the session.
      if (/^(caller|origin)_refused$|^route_not_found$/.test(code)) return 'hint'
      // A second logout, in whatever words.
      return call === 'end' && status === 404 ? 'rejected' : undefined
    },
  } satisfies SessionPreset<Credentials>)
}
