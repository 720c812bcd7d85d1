import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

export const auth = createAuth({
  backend: restBackend({
    baseUrl: '/api/cookie',
    kind: { access: 'token', refresh: 'cookie' },
    paths: { signIn: '/login', refresh: '/refresh-token', signOut: '/logout', user: '/me' },
  }),
  storage: cookieStorage({ prefix: 'http-only-', access: 'memory' }),
})
export const api = axios.create({ baseURL: '/api' })
attachAuth(api, auth)
