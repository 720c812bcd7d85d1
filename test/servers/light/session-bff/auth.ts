import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const csrf = { cookie: 'XSRF-TOKEN', header: 'X-XSRF-TOKEN' }
const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  kind: { access: 'cookie', refresh: 'access' },
  paths: { signIn: null, refresh: 'GET /bff/user', signOut: '/bff/logout', user: '/bff/user' },
  fields: { user: ({ body }) => body, expiresIn: 'expiresIn' },
  csrf,
})
export const auth = createAuth({ backend, storage: cookieStorage() })
// Back from the server's own page, where somebody has signed in. Who it is the kit asks.
if (location.search === '?back') void auth.adopt({ expiresIn: 8 }).then(() => history.replaceState(null, '', '.'))
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth, { csrf })
