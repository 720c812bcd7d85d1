import { createTRPCClient, httpBatchLink, httpLink, splitLink, type TRPCClient } from '@trpc/client'
import type { AnyTRPCRouter } from '@trpc/server'
import type { Auth } from 'keyturn'
import { createAuthFetch } from 'keyturn/fetch'

/** tRPC answers a batch that is refused in part with 207. Queries may be asked again; a mutation that is done may not. */
const someRefused = async (answer: Response): Promise<boolean | undefined> => {
  if (answer.status !== 207) return undefined
  const results = (await answer.clone().json()) as { error?: { data?: { httpStatus?: number } } }[]
  return results.some(({ error }) => error?.data?.httpStatus === 401)
}

export function trpcOf<Router extends AnyTRPCRouter>(auth: Auth, url: string): TRPCClient<Router> {
  const origins = [new URL(url).origin]
  return createTRPCClient<Router>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'query',
        true: httpBatchLink({ url, fetch: createAuthFetch(auth, { origins, expired: someRefused }) } as never),
        false: httpLink({ url, fetch: createAuthFetch(auth, { origins }) } as never),
      }),
    ],
  })
}
