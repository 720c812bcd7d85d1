import axios from 'axios'
import { cookieStorage, createAuth, restBackend } from 'keyturn'

// Where the server is, the test says by the page's address.
const baseUrl = new URLSearchParams(location.search).get('api') ?? ''
export const auth = createAuth({ backend: restBackend({ baseUrl }), storage: cookieStorage() })
export const api = axios.create()
