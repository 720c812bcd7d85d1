import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({
  baseUrl: `${import.meta.env.VITE_API_URL}/api/users`,
  kind: { access: 'token', refresh: 'access' },
  paths: { signIn: '/login', refresh: '/refresh-token', signOut: '/logout', user: null },
  fields: { accessToken: ({ body }) => Object(body).refreshedToken ?? Object(body).token, expiresAt: 'exp' },
  scheme: 'JWT',
  refused: ({ status }) => status === 403 || undefined,
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth, { scheme: 'JWT', statuses: [401, 403] })
