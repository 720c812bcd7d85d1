import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const form = (fields: Record<string, string>) => new URLSearchParams({ client_id: 'web-app', ...fields })
const backend = restBackend({
  baseUrl: import.meta.env.VITE_API_URL,
  paths: { signIn: '/oauth/token', refresh: '/oauth/token', signOut: null, user: '/api/echo' },
  bodies: {
    signIn: ({ email, password }) => form({ grant_type: 'password', username: email, password }),
    refresh: (refresh_token) => form({ grant_type: 'refresh_token', refresh_token }),
  },
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
