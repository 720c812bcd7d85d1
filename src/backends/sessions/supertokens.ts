import type { SessionTokens } from '../../core/types.ts'
import type { HttpAnswer } from '../http.ts'
import type { Ask, SessionFacts, SessionPreset } from './preset.ts'

export interface SuperTokensOptions {
  /** Where SuperTokens' routes are in your back end: `apiDomain` and `apiBasePath`, such as `https://api.example.com/auth`. */
  readonly baseUrl: string
}

export interface SuperTokensCredentials {
  readonly email: string
  readonly password: string
}

/** Tokens in headers, not in cookies. */
const HEADERS = { rid: 'session', 'st-auth-mode': 'header' }

/** A token of an answer: in a header of SuperTokens' SDKs, or as its core has it in the body. */
function tokenOf({ headers, json }: HttpAnswer, name: 'access' | 'refresh'): string | null {
  // Older SDKs write the expiry behind it. Empty, or `remove`: the session is over.
  const value = (headers.get(`st-${name}-token`) ?? '').split(';')[0]
  if (value && value !== 'remove') return value
  const { token } = Object(json[`${name}Token`])
  return typeof token === 'string' && token ? token : null
}

/** Refusals come in 200 bodies from the core, by their status, and as words of a 401 from the SDKs. */
function coded(answer: HttpAnswer): HttpAnswer {
  const { json, words = '' } = answer
  const { status, reason } = json
  const code = /token theft/i.test(words) ? 'TOKEN_THEFT_DETECTED' : status
  if (typeof code !== 'string' || code === 'OK') return answer
  return { ...answer, ok: false, code, words: words || (typeof reason === 'string' ? reason : code) }
}

/**
 * SuperTokens with its tokens in headers (`st-auth-mode: header`), and its sign-in by e-mail and password: a JWT as access token, and a
 * refresh token that is replaced each time. A stolen refresh token (`TOKEN_THEFT_DETECTED`) ends the session as `rejected`, with this
 * word as the error's `serverCode`.
 */
export function supertokens({ baseUrl }: SuperTokensOptions): SessionPreset<SuperTokensCredentials> {
  const base = baseUrl.replace(/\/+$/, '')
  const extend = async (ask: Ask, { refreshToken }: SessionTokens) =>
    coded(await ask('POST', `${base}/session/refresh`, { token: refreshToken, headers: HEADERS }))
  const read = (answer: HttpAnswer): SessionFacts | null => {
    const accessToken = tokenOf(answer, 'access')
    return accessToken ? { accessToken, refreshToken: tokenOf(answer, 'refresh'), user: answer.json.user } : null
  }
  return Object.freeze({
    kind: { access: 'token', refresh: 'token' },
    baseUrl,
    // Its access tokens are short, and renewed before they end.
    extendAfter: null,
    async signIn(ask, { email, password }) {
      const formFields = Object.entries({ email, password }).map(([id, value]) => ({ id, value }))
      const headers = { ...HEADERS, rid: 'emailpassword' }
      return coded(await ask('POST', `${base}/signin`, { headers, body: { formFields } }))
    },
    extend,
    async end(ask, tokens, scope) {
      if (scope === 'others') return false
      const out = async (token: string) =>
        coded(await ask('POST', `${base}/signout`, { token, headers: HEADERS, keepalive: true }))
      const { accessToken, refreshToken } = tokens
      const first = accessToken ? await out(accessToken) : null
      if (!refreshToken || (first && first.status !== 401)) return first ?? false
      // It takes a fresh access token to end a session.
      const renewed = await extend(ask, tokens)
      const fresh = renewed.ok ? read(renewed)?.accessToken : null
      return fresh ? out(fresh) : renewed
    },
    read,
    judge({ code = '' }, call) {
      if (/^(UNAUTHORISED|TOKEN_THEFT_DETECTED)$/.test(code)) return 'rejected'
      return call === 'signIn' && /_ERROR$|^SIGN_IN_NOT_ALLOWED$/.test(code) ? 'rejected' : undefined
    },
  } satisfies SessionPreset<SuperTokensCredentials>)
}
