import { signInByForm } from '../suite/browser.ts'
import { suite } from '../suite/suite.ts'
import { sessionBff } from './session-bff/server.ts'

suite({
  server: sessionBff,
  auth: new URL('session-bff/auth.ts', import.meta.url),
  method: 'POST',
  asks: true,
  signIn: signInByForm((tab) => tab.evaluate(() => location.assign('/bff/login?returnTo=/page/'))),
})
