import { QueryClient } from '@tanstack/query-core' // in a React app: '@tanstack/react-query'
import { type Auth, isAuthError } from 'keyturn'

/** A cache per person: what one person loaded, the next one never sees, in whichever tab they changed. */
export function queriesOf(auth: Auth): QueryClient {
  const retry = (count: number, error: unknown) => count < 3 && !isAuthError(error)
  const queries = new QueryClient({ defaultOptions: { queries: { retry } } })
  auth.on('user_changed', () => queries.clear())
  return queries
}
