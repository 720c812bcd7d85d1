import { QueryClient } from '@tanstack/query-core' // in a React app: '@tanstack/react-query'
import { type Auth, cookieStorage, createAuth, type Ports, restBackend } from 'keyturn'
import { type AuthFetch, createAuthFetch } from 'keyturn/fetch'

export interface Account {
  readonly auth: Auth
  readonly queries: QueryClient
  readonly fetch: AuthFetch
}

/** One session, one cache and one `fetch` for each account. A slot is a place in the list of accounts: '1', '2', … */
export function accountsAt(baseUrl: string, ports: Partial<Ports> = {}): (slot: string) => Account {
  const accounts = new Map<string, Account>()
  return (slot) => {
    const known = accounts.get(slot)
    if (known) return known
    const auth: Auth = createAuth({
      backend: restBackend({ baseUrl }) as never,
      // The names of cookies, locks and channels all follow the prefix. Several access tokens would fill the headers.
      storage: cookieStorage({ prefix: `account-${slot}-`, access: 'memory' }),
      ports,
    })
    const queries = new QueryClient()
    auth.on('user_changed', () => queries.clear())
    const account = { auth, queries, fetch: createAuthFetch(auth, { origins: [baseUrl] }) }
    accounts.set(slot, account)
    return account
  }
}
