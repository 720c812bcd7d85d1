import type { AxiosInstance } from 'axios'
import axiosRetry, { isNetworkOrIdempotentRequestError } from 'axios-retry'
import { type Auth, isAuthError } from 'keyturn'
import { attachAuth } from 'keyturn/axios'

export function retrying(api: AxiosInstance, auth: Auth): void {
  attachAuth(api, auth)
  axiosRetry(api, {
    retries: 3,
    // The kit has tried already, and another person's session sends nothing of this one.
    retryCondition: (error) => isNetworkOrIdempotentRequestError(error) && !isAuthError(error.cause),
  })
}
