import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  paths: { refresh: '/auth/refresh', user: null },
  fields: { accessToken: 'accessToken', refreshToken: 'refreshToken' },
  bodies: { refresh: (refreshToken) => ({ refreshToken }), signOut: (refreshToken) => ({ refreshToken }) },
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth, { statuses: [401, 403] })
