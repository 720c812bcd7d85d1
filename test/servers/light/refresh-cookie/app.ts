import cookieParser from 'cookie-parser'
import cors from 'cors'
import express, { type CookieOptions, type RequestHandler, type Response } from 'express'
import type { Person, Started, StartOptions } from '../../harness/types.ts'
import { checkPassword, createAccessTokens, profile } from '../shared/access-tokens.ts'
import { createFamilies } from '../shared/refresh-families.ts'
import { serveApp } from '../shared/serve-app.ts'

const COOKIE: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/auth' }

/** Mistakes that people make, to be found by whoever asks a server what it does. */
export type Fault =
  /** The same refresh token for ever. */
  | 'no rotation'
  /** A refresh token that is used again is refused, and its copy goes on. */
  | 'family not ended'
  /** Signing out only deletes the cookie. */
  | 'no revocation'
  /** `expiresIn` in milliseconds. */
  | 'ms for s'
  /** Every page may ask; `Access-Control-Allow-Credentials` beside it says with cookies. */
  | 'wildcard CORS with credentials'

/**
 * The most common of all: the access token in the answer, the refresh token in an HttpOnly cookie that only `/auth` sees.
 * Strict: a refresh token that is used a second time ends the session, for both who have it.
 */
export function startRefreshCookie({ appOrigin, accessLife }: StartOptions, fault?: Fault): Promise<Started> {
  const tokens = createAccessTokens(accessLife)
  const families = createFamilies({ rotates: fault !== 'no rotation', strict: fault !== 'family not ended' })
  const give = async (response: Response, person: Person, refreshToken: string) => {
    response.cookie('refreshToken', refreshToken, { ...COOKIE, maxAge: 7 * 86_400_000 })
    response.json({
      accessToken: await tokens.make(person),
      expiresIn: fault === 'ms for s' ? accessLife * 1000 : accessLife,
      user: profile(person),
    })
  }

  const app = express()
  app.use(
    cors({ origin: fault === 'wildcard CORS with credentials' ? '*' : appOrigin, credentials: true }),
    express.json(),
    cookieParser(),
  )

  app.post('/auth/login', async ({ body }, response) => {
    const person = checkPassword(body?.email, body?.password)
    if (person) await give(response, person, families.start(person))
    else response.status(401).json({ message: 'Wrong e-mail address or password' })
  })
  app.post('/auth/refresh', async ({ cookies }, response) => {
    const { refreshToken } = cookies
    if (!refreshToken) return void response.status(401).json({ message: 'No refresh token' })
    const rotated = families.rotate(refreshToken)
    if (rotated) return give(response, rotated.person, rotated.next)
    response.clearCookie('refreshToken', COOKIE).status(401).json({ message: 'Refresh token is not valid' })
  })
  app.post('/auth/logout', ({ cookies }, response) => {
    if (fault !== 'no revocation') families.end(cookies.refreshToken)
    response.clearCookie('refreshToken', COOKIE).sendStatus(204)
  })

  const signedIn: RequestHandler = async ({ headers }, response, next) => {
    const person = await tokens.read(headers.authorization?.replace(/^Bearer /, ''))
    if (!person) return void response.status(401).json({ message: 'Unauthorized' })
    response.locals.person = person
    next()
  }
  app.all('/api/echo', signedIn, ({ body }, response) => {
    response.json({ ...profile(response.locals.person), body })
  })
  return serveApp(app)
}
