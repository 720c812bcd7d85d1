import cookieParser from 'cookie-parser'
import express, { type CookieOptions, type RequestHandler, type Response } from 'express'
import type { Person, Started, StartOptions } from '../../harness/types.ts'
import { checkPassword, createAccessTokens, profile } from '../shared/access-tokens.ts'
import { createFamilies } from '../shared/refresh-families.ts'
import { serveApp } from '../shared/serve-app.ts'

const ACCESS: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/' }
const REFRESH: CookieOptions = { httpOnly: true, sameSite: 'strict', path: '/auth' }

/** Both tokens in HttpOnly cookies: scripts see neither, and learn from the body who is signed in and for how long. */
export function startBothCookies({ accessLife }: StartOptions): Promise<Started> {
  const tokens = createAccessTokens(accessLife)
  const families = createFamilies()
  const give = async (response: Response, person: Person, refreshToken: string) => {
    response.cookie('accessToken', await tokens.make(person), { ...ACCESS, maxAge: accessLife * 1000 })
    response.cookie('refreshToken', refreshToken, { ...REFRESH, maxAge: 7 * 86_400_000 })
    response.json({ user: profile(person), expiresIn: accessLife })
  }
  const drop = (response: Response) => response.clearCookie('accessToken', ACCESS).clearCookie('refreshToken', REFRESH)

  const app = express()
  app.use(express.json(), cookieParser())

  app.post('/auth/login', async ({ body }, response) => {
    const person = checkPassword(body?.email, body?.password)
    if (person) await give(response, person, families.start(person))
    else response.status(401).json({ message: 'Wrong e-mail address or password' })
  })
  app.post('/auth/refresh', async ({ cookies }, response) => {
    const rotated = families.rotate(cookies.refreshToken)
    if (rotated) return give(response, rotated.person, rotated.next)
    drop(response).status(401).json({ message: 'Not signed in' })
  })
  app.post('/auth/logout', ({ cookies }, response) => {
    families.end(cookies.refreshToken)
    drop(response).sendStatus(204)
  })

  const signedIn: RequestHandler = async ({ cookies }, response, next) => {
    const person = await tokens.read(cookies.accessToken)
    if (!person) return void response.status(401).json({ message: 'Not signed in' })
    response.locals.person = person
    next()
  }
  app.get('/auth/me', signedIn, (_request, response) => {
    response.json(profile(response.locals.person))
  })
  app.all('/api/echo', signedIn, ({ body }, response) => {
    response.json({ ...profile(response.locals.person), body })
  })
  return serveApp(app)
}
