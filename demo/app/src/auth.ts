import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

export const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: cookieStorage() })
export const api = axios.create({ baseURL: '/api' })
attachAuth(api, auth)
