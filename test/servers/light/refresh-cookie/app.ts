import cookieParser from 'cookie-parser'
import cors from 'cors'
import express, { type CookieOptions, type RequestHandler, type Response } from 'express'
import type { Person, Started, StartOptions } from '../../harness/types.ts'
import { checkPassword, createAccessTokens, profile } from '../shared/access-tokens.ts'
import { createFamilies } from '../shared/refresh-families.ts'
import { serveApp } from '../shared/serve-app.ts'

const COOKIE: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/auth' }

/**
 * The most common of all: the access token in the answer, the refresh token in an HttpOnly cookie that only `/auth` sees.
 * Strict: a refresh token that is used a second time ends the session, for both who have it.
 */
export function startRefreshCookie({ appOrigin, accessLife }: StartOptions): Promise<Started> {
  const tokens = createAccessTokens(accessLife)
  const families = createFamilies()
  const give = async (response: Response, person: Person, refreshToken: string) => {
    response.cookie('refreshToken', refreshToken, { ...COOKIE, maxAge: 7 * 86_400_000 })
    response.json({ accessToken: await tokens.make(person), expiresIn: accessLife, user: profile(person) })
  }

  const app = express()
  app.use(cors({ origin: appOrigin, credentials: true }), express.json(), cookieParser())

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
    families.end(cookies.refreshToken)
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
