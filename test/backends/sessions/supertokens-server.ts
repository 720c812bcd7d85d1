import type { FakeClock } from 'keyturn/testing'
import { jwt } from '../../core/world.ts'
import { type Handle, json } from './site.ts'

export const API = 'https://api.example.test/auth'

/**
 * How an answer tells of a session: `sdk`, as SuperTokens' back-end SDKs do with `st-auth-mode: header` (tokens in headers, refusals as 401); `older`, as those of before
 * (the expiry behind the token); `core`, as its core does, where a back end hands its answers on (tokens in the body, refusals by a `status` in a 200).
 */
export type Style = 'sdk' | 'older' | 'core'

export interface SuperTokensServer {
  readonly handle: Handle
  style: Style
  /** Seconds that an access token lives. */
  life: number
  alive: boolean
  readonly refreshed: string[]
}

/** What this kit uses of SuperTokens: our own server, not SuperTokens. A refresh token that comes a second time ends the session as stolen. */
export function createSuperTokensServer(clock: FakeClock): SuperTokensServer {
  let count = 0
  let current = ''
  const now = () => Math.floor(clock.now() / 1000)
  const issue = (body: object): Response => {
    const expires = now() + server.life
    const access = jwt({ sub: 'user-1', iat: now(), exp: expires, sessionHandle: 'handle-1', n: ++count })
    current = `refresh-token-${count}`
    server.alive = true
    if (server.style === 'core') {
      const [accessToken, refreshToken] = [access, current].map((token) => ({
        token,
        expiry: expires * 1000,
        createdTime: clock.now(),
      }))
      return json({
        status: 'OK',
        session: { handle: 'handle-1', userId: 'user-1' },
        accessToken,
        refreshToken,
        ...body,
      })
    }
    const written = (token: string) => (server.style === 'older' ? `${token};${expires * 1000}` : token)
    return json({ status: 'OK', ...body }, 200, {
      'st-access-token': written(access),
      'st-refresh-token': written(current),
      'front-token': Buffer.from(JSON.stringify({ uid: 'user-1', ate: expires * 1000, up: {} })).toString('base64'),
    })
  }
  const refuse = (status: string, message: string): Response => {
    if (server.style === 'core')
      return json(
        status === 'TOKEN_THEFT_DETECTED'
          ? { status, session: { handle: 'handle-1', userId: 'user-1' } }
          : { status, message },
      )
    return json({ message }, 401, { 'st-access-token': '', 'st-refresh-token': '', 'front-token': 'remove' })
  }
  const handle: Handle = async (request) => {
    const call = `${request.method} ${new URL(request.url).pathname}`
    const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
    if (request.headers.get('st-auth-mode') !== 'header') return json({ message: 'This server has no cookies.' }, 400)
    switch (call) {
      case 'POST /auth/signin': {
        const { formFields } = await request.json()
        const field = (id: string) => formFields.find((it: { id: string }) => it.id === id)?.value
        if (!/@/.test(field('email')))
          return json({ status: 'FIELD_ERROR', formFields: [{ id: 'email', error: 'Email is invalid' }] })
        if (field('email') === 'banned@example.test')
          return json({ status: 'SIGN_IN_NOT_ALLOWED', reason: 'Cannot sign in due to security reasons.' })
        if (field('password') !== 'secret') return json({ status: 'WRONG_CREDENTIALS_ERROR' })
        return issue({ user: { id: 'user-1', emails: [field('email')] } })
      }
      case 'POST /auth/session/refresh':
        server.refreshed.push(bearer)
        if (!server.alive) return refuse('UNAUTHORISED', 'unauthorised')
        if (bearer === current) return issue({})
        server.alive = false
        return refuse('TOKEN_THEFT_DETECTED', 'token theft detected')
      case 'POST /auth/signout': {
        const { exp = 0, n } = JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString() || '{}')
        if (exp <= now() || n !== count) return json({ message: 'try refresh token' }, 401)
        server.alive = false
        return json({ status: 'OK' })
      }
      default:
        return json({ message: 'Not Found' }, 404)
    }
  }
  const server: SuperTokensServer = { handle, style: 'sdk', life: 3_600, alive: false, refreshed: [] }
  return server
}
