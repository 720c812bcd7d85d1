import { cookieStorage, createAuth, restBackend } from 'keyturn'

export interface Person {
  readonly email: string
}

export const auth = createAuth({
  backend: restBackend<Person>({
    baseUrl: '/',
    paths: { signIn: '/api/auth/login', refresh: '/renewal', signOut: '/api/auth/logout', user: '/api/auth/me' },
  }),
  storage: cookieStorage(),
})
