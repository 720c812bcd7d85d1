import { type Auth, isAuthError } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'
import { type $Fetch, createFetch } from 'ofetch'

export function ofetchOf(auth: Auth, baseURL: string): $Fetch {
  return createFetch({
    fetch: createAuthFetch(auth, { origins: [baseURL] }) as typeof fetch,
    defaults: {
      baseURL,
      onRequestError: ({ error, options }) => {
        // Sent again, it would be another person's request.
        if (isAuthError(error)) options.retry = false
      },
    },
  })
}
