import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({
  baseUrl: `${import.meta.env.VITE_API_URL}/api/auth`,
  kind: { access: 'token', refresh: 'cookie' },
  paths: { signIn: '/sign-in/email', refresh: 'GET /token', signOut: '/sign-out', user: 'GET /get-session' },
  fields: { accessToken: ({ body }) => (Object(body).user ? null : Object(body).token) },
  toUser: (found) => (found as { readonly user?: object }).user ?? found,
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
