import { randomBytes } from 'node:crypto'
import cors from 'cors'
import express, { type RequestHandler } from 'express'
import type { Person, Started, StartOptions } from '../../harness/types.ts'
import { checkPassword, createAccessTokens, profile } from '../shared/access-tokens.ts'
import { serveApp } from '../shared/serve-app.ts'

/**
 * What tutorials about Express and JWT build: both tokens in the body, in camelCase; the page has another origin; errors
 * say `{ error: { message } }`; and the middleware of the API answers 403 to a token that it does not accept.
 * A refresh token is used once; one used again is refused, and nothing else happens.
 */
export function startBodyTokens({ appOrigin, accessLife }: StartOptions): Promise<Started> {
  const tokens = createAccessTokens(accessLife)
  const refreshTokens = new Map<string, Person>()
  const pair = async (person: Person) => {
    const refreshToken = randomBytes(24).toString('hex')
    refreshTokens.set(refreshToken, person)
    return { accessToken: await tokens.make(person), refreshToken }
  }
  const fail = (message: string) => ({ error: { message } })

  const app = express()
  app.use(cors({ origin: appOrigin }), express.json())

  app.post('/auth/login', async ({ body }, response) => {
    const person = checkPassword(body?.email, body?.password)
    if (person) response.json({ user: profile(person), ...(await pair(person)) })
    else response.status(401).json(fail('Wrong e-mail address or password'))
  })
  app.post('/auth/refresh', async ({ body }, response) => {
    const token = body?.refreshToken
    if (!token) return void response.status(401).json(fail('Refresh token required'))
    const person = refreshTokens.get(token)
    if (!person) return void response.status(403).json(fail('Invalid refresh token'))
    refreshTokens.delete(token)
    response.json(await pair(person))
  })
  app.post('/auth/logout', ({ body }, response) => {
    refreshTokens.delete(body?.refreshToken)
    response.sendStatus(204)
  })

  const signedIn: RequestHandler = async ({ headers }, response, next) => {
    const token = headers.authorization?.split(' ')[1]
    if (!token) return void response.status(401).json(fail('Access token required'))
    const person = await tokens.read(token)
    if (!person) return void response.status(403).json(fail('Invalid or expired token'))
    response.locals.person = person
    next()
  }
  app.all('/api/echo', signedIn, ({ body }, response) => {
    response.json({ ...profile(response.locals.person), body })
  })
  return serveApp(app)
}
