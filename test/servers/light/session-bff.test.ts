import { signInByForm } from '../suite/browser.ts'
import { suite } from '../suite/suite.ts'
import { sessionBff } from './session-bff/server.ts'

suite({
  server: sessionBff,
  auth: new URL('session-bff/auth.ts', import.meta.url),
  method: 'POST',
  // Each tab asks at its start who is signed in, and the first once more when it comes back.
  refreshesBefore: (tabs) => tabs + 1,
  signIn: signInByForm((tab) => tab.evaluate(() => location.assign('/bff/login?returnTo=/page/'))),
})
