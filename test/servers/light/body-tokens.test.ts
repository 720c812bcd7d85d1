import { suite } from '../suite/suite.ts'
import { bodyTokens } from './body-tokens/server.ts'

suite({
  server: bodyTokens,
  auth: new URL('body-tokens/auth.ts', import.meta.url),
  page: 'other',
  method: 'POST',
  wrongPassword: /Wrong e-mail address or password/,
})
