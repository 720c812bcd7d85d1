import { restBackend } from 'keyturn'
import { createServerAuth, type ServerAuth } from 'keyturn/server'

const make = () =>
  createServerAuth({
    verify: { keys: new TextEncoder().encode(process.env.AUTH_SECRET) },
    backend: restBackend({ baseUrl: process.env.AUTH_URL ?? '' }),
  })

// Next.js loads a module once for its proxy and once for its pages. What was answered a moment ago must be known to both.
const shared = globalThis as { serverAuth?: ServerAuth }

export const serverAuth = (): ServerAuth => {
  shared.serverAuth ??= make()
  return shared.serverAuth
}
