import { suite } from '../suite/suite.ts'
import { bothCookies } from './both-cookies/server.ts'

suite({
  server: bothCookies,
  auth: new URL('both-cookies/auth.ts', import.meta.url),
  method: 'POST',
  wrongPassword: /Wrong e-mail address or password/,
})
