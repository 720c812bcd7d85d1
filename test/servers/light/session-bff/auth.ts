import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  kind: { access: 'cookie', refresh: 'access' },
  paths: { signIn: null, refresh: 'GET /bff/user', signOut: '/bff/logout', user: '/bff/user' },
  fields: { expiresIn: 'expiresIn', user: ({ body }) => body },
  csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' },
})
export const auth = createAuth({ backend, storage: cookieStorage(), restore: 'always' })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth, { csrf: { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' } })
