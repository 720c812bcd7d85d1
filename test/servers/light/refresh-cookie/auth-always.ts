import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  kind: { access: 'token', refresh: 'cookie' },
  paths: { refresh: '/auth/refresh', user: null },
  fields: { accessToken: 'accessToken', expiresIn: 'expiresIn' },
})
export const auth = createAuth({ backend, storage: cookieStorage(), restore: 'always' })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
