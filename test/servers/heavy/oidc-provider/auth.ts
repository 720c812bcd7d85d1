import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend<unknown, Record<string, string>>({
  baseUrl: import.meta.env.VITE_API_URL,
  paths: { signIn: '/token', refresh: '/token', signOut: '/token/revocation', user: '/me' },
  bodies: {
    signIn: (code) => new URLSearchParams({ client_id: 'app', grant_type: 'authorization_code', ...code }),
    refresh: (refresh_token) => new URLSearchParams({ client_id: 'app', grant_type: 'refresh_token', refresh_token }),
    signOut: (token) => new URLSearchParams({ client_id: 'app', token: `${token}` }),
  },
})
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: import.meta.env.VITE_API_URL })
attachAuth(api, auth)
