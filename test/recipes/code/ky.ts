import { type Auth, isAuthError } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import ky, { type KyInstance } from 'ky'

export function kyOf(auth: Auth, prefixUrl: string): KyInstance {
  return ky.create({
    prefixUrl,
    fetch: createAuthFetch(auth, { origins: [prefixUrl] }),
    hooks: {
      beforeRetry: [
        ({ error }) => {
          // Sent again, it would be another person's request.
          if (isAuthError(error)) throw error
        },
      ],
    },
  })
}
