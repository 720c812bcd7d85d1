import { randomBytes, timingSafeEqual } from 'node:crypto'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import { people } from '../../harness/people.ts'
import type { Started, StartOptions } from '../../harness/types.ts'
import { checkPassword, profile } from '../shared/access-tokens.ts'
import { serveApp } from '../shared/serve-app.ts'

declare module 'express-session' {
  interface SessionData {
    email?: string
    csrf?: string
  }
}

const FORM = `<!doctype html><title>Sign in</title><form method="post">
<input name="email"><input name="password" type="password"><button>Sign in</button></form>`

/**
 * A back end for front ends over express-session: the browser leaves for a sign-in page of the server and comes back with a
 * session cookie that slides with each request. Nothing is visible to scripts but a CSRF token in a cookie; every request
 * that changes something must repeat it in a header.
 */
export function startSessionBff({ appOrigin, accessLife }: StartOptions): Promise<Started> {
  const app = express()
  app.use(express.json(), express.urlencoded())
  app.use(
    session({
      name: 'sid',
      secret: randomBytes(32).toString('hex'),
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { httpOnly: true, sameSite: 'lax', maxAge: accessLife * 1000 },
    }),
  )

  app.get('/bff/login', (_request, response) => {
    response.type('html').send(FORM)
  })
  app.post('/bff/login', (request, response, next) => {
    const { body, query } = request
    const person = checkPassword(body?.email, body?.password)
    if (!person) return void response.status(401).type('html').send(`<p>Wrong e-mail address or password</p>${FORM}`)
    // A session that was there before is not handed on: somebody else may know its id.
    request.session.regenerate((error) => {
      if (error) return next(error)
      const csrf = randomBytes(24).toString('base64url')
      Object.assign(request.session, { email: person.email, csrf })
      response.cookie('XSRF-TOKEN', csrf, { sameSite: 'strict' })
      // Only to the app, wherever the link came from.
      const path = String(query.returnTo ?? '/')
      response.redirect(303, new URL(/^\/(?![/\\])/.test(path) ? path : '/', appOrigin).href)
    })
  })

  const signedIn: RequestHandler = (request, response, next) => {
    const person = people.find(({ email }) => email === request.session.email)
    if (!person) return void response.status(401).json({ message: 'No session' })
    response.locals.person = person
    next()
  }
  const withCsrfToken: RequestHandler = ({ method, session, headers }, response, next) => {
    if (method === 'GET') return next()
    const given = Buffer.from(String(headers['x-xsrf-token'] ?? ''))
    const known = Buffer.from(session.csrf ?? '')
    if (given.length && given.length === known.length && timingSafeEqual(given, known)) return next()
    response.status(403).json({ message: 'CSRF token is missing or wrong' })
  }

  app.get('/bff/user', signedIn, (_request, response) => {
    response.json({ ...profile(response.locals.person), expiresIn: accessLife })
  })
  app.post('/bff/logout', signedIn, withCsrfToken, (request, response, next) => {
    request.session.destroy((error) => {
      if (error) return next(error)
      response.clearCookie('sid').clearCookie('XSRF-TOKEN').sendStatus(204)
    })
  })
  app.all('/api/echo', signedIn, withCsrfToken, ({ body }, response) => {
    response.json({ ...profile(response.locals.person), body })
  })
  return serveApp(app)
}
