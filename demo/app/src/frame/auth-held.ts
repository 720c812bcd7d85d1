import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth, holdRequests } from 'keyturn/axios'

const backend = restBackend({ baseUrl: '/api' })
export const auth = createAuth({ backend, storage: cookieStorage() })
export const held = holdRequests(auth)
export const api = axios.create({ baseURL: '/api' })
attachAuth(api, held.auth)
