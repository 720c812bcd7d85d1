import { configureStore } from '@reduxjs/toolkit'
import { createApi, fetchBaseQuery } from '@reduxjs/toolkit/query' // in a React app: '@reduxjs/toolkit/query/react'
import type { Auth } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'

export function storeOf(auth: Auth, baseUrl: string) {
  const api = createApi({
    baseQuery: fetchBaseQuery({ baseUrl, fetchFn: createAuthFetch(auth, { origins: [baseUrl] }) }),
    endpoints: (build) => ({ item: build.query<{ path: string }, number>({ query: (id) => `/items/${id}` }) }),
  })
  const store = configureStore({
    reducer: { [api.reducerPath]: api.reducer },
    middleware: (all) => all().concat(api.middleware),
  })
  auth.on('user_changed', () => store.dispatch(api.util.resetApiState()))
  return { api, store }
}
