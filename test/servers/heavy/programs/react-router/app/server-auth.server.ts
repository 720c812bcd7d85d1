import { restBackend } from 'keyturn'
import { createServerAuth, type ServerSession } from 'keyturn/server'
import { createContext } from 'react-router'

export const server = createServerAuth({
  verify: { keys: new TextEncoder().encode(process.env.AUTH_SECRET) },
  backend: restBackend({ baseUrl: process.env.AUTH_URL ?? '' }),
})

/** Whose session the request has. */
export const sessionContext = createContext<ServerSession>()
