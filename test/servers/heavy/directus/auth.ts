import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { ms } from 'keyturn/backends'

const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  paths: { refresh: '/auth/refresh', user: 'GET /users/me' },
  fields: { accessToken: 'data.access_token', refreshToken: 'data.refresh_token', expiresIn: ms('data.expires') },
  toUser: (body) => (body as { readonly data: { readonly email: string } }).data,
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
