import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

const backend = restBackend({ baseUrl: '/api' })
export const auth = createAuth({ backend, storage: cookieStorage() })
export const api = axios.create({ baseURL: '/api' })
attachAuth(api, auth)
