import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

// The answer to a sign-in does not say how long the session lives: 8 s, as the server is set up.
const backend = restBackend({
  baseUrl: `${import.meta.env.VITE_API_URL}/api/auth`,
  kind: { access: 'cookie', refresh: 'access' },
  paths: { signIn: '/sign-in/email', refresh: 'GET /get-session', signOut: '/sign-out', user: null },
  fields: { expiresIn: () => 8 },
  refused: ({ body }) => body === null || undefined,
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
