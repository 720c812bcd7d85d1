import type { Auth } from '../core/types.ts'
import { readToken } from '../tokens/read-token.ts'

/** What is needed of a client of supabase-js or @supabase/ssr. */
export interface SupabaseClientLike {
  readonly auth: {
    onAuthStateChange(callback: (event: string, session: { readonly access_token: string } | null) => void): {
      readonly data: { readonly subscription: { unsubscribe(): void } }
    }
  }
}

const sessionOf = (token: string | null | undefined) => (token && readToken(token).claims?.session_id) || null

/**
 * Warns, once, when a supabase-js client comes to hold the very session that `auth` keeps. It would refresh it too, and
 * two refreshers of one session can end it. A client that is made with the `accessToken` option holds none, and one with
 * a session of its own does no harm: neither is warned of.
 *
 * It sees the client that it is given; not one in another tab, nor one that another bundle makes.
 * @returns the way to end the watch
 */
export function warnIfClientRefreshes(
  client: SupabaseClientLike,
  auth: Pick<Auth, 'getAccessToken'>,
  warn: (message: string) => void,
): () => void {
  let stop = () => {}
  let watching = true
  const compare = async (theirs: unknown) => {
    const ours = sessionOf(await auth.getAccessToken())
    if (!watching || ours !== theirs) return
    stop()
    warn(
      'A supabase-js client refreshes the session that createAuth keeps. Make it with the option ' +
        'accessToken: () => auth.getAccessToken(), or the session may end.',
    )
  }
  try {
    const { data } = client.auth.onAuthStateChange((_event, session) => {
      const theirs = sessionOf(session?.access_token)
      // Without a token of ours there is nothing to compare.
      if (theirs) compare(theirs).catch(() => {})
    })
    stop = () => {
      watching = false
      data.subscription.unsubscribe()
    }
  } catch {
    // Made with `accessToken`: such a client throws when its `auth` is touched.
  }
  return () => stop()
}
