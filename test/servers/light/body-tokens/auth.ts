import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const baseUrl = import.meta.env.VITE_API_URL

export const auth = createAuth({
  storage: cookieStorage(),
  backend: restBackend({
    baseUrl,
    paths: { refresh: '/auth/refresh', user: null },
    fields: { accessToken: 'accessToken', refreshToken: 'refreshToken' },
    bodies: { refresh: (refreshToken) => ({ refreshToken }), signOut: (refreshToken) => ({ refreshToken }) },
  }),
})
export const api = axios.create({ baseURL: baseUrl })
attachAuth(api, auth)
