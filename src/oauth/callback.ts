import { showAddress } from '../browser/leaving.ts'
import { currentUrl } from '../browser/page.ts'
import type { Auth } from '../core/types.ts'
import { findTrip } from './trips.ts'
import type { OAuthClaims, OAuthCredentials } from './types.ts'

export interface Returned<User> {
  readonly user: User
  /** What `auth.signIn({ redirect, returnTo })` was given. A path of this app: nobody else can have put it there. */
  readonly returnTo: string
}

/** What providers add to the address (RFC 6749, RFC 9207, OpenID Connect Session Management). */
const ADDED = ['code', 'state', 'iss', 'session_state', 'error', 'error_description', 'error_uri']

const runs = new WeakMap<object, Promise<Returned<unknown>>>()

/**
 * Finishes a sign-in by redirect, on the page that the provider sends the person back to. The code leaves the address before
 * anything else happens. Safe to call twice: a second call, as of React's StrictMode, gets the result of the first.
 *
 * Resolves with the user and where they wanted to be; with null where there is nothing to finish: the page was opened or
 * reloaded without an answer of the provider.
 * @throws AuthError `credentials_rejected` or `interaction_required` with the provider's `serverCode` if it sent the person
 * back without a code; `invalid_response` for an answer to a sign-in that this tab did not begin. Else as `auth.signIn`. The
 * session that was there before is untouched by a failure.
 */
export function handleCallback<User = OAuthClaims>(
  auth: Pick<Auth<User, OAuthCredentials>, 'signIn' | 'getState'>,
): Promise<Returned<User> | null> {
  const address = new URL(currentUrl())
  const query = address.searchParams
  if (!query.has('state') || !(query.has('code') || query.has('error')))
    return (runs.get(auth) as Promise<Returned<User>> | undefined) ?? Promise.resolve(null)
  const callback = new URLSearchParams(query)
  const { returnTo = '/' } = findTrip(query.get('state') ?? '', Date.now()) ?? {}
  for (const name of ADDED) query.delete(name)
  showAddress(address.href)
  const run = auth.signIn({ callback }).then((user) => ({ user, returnTo }))
  runs.set(auth, run)
  const forget = () => {
    if (runs.get(auth) === run) runs.delete(auth)
  }
  // Whoever comes to this page later finds nothing to finish.
  run.then(
    () => globalThis.setTimeout(forget, 5_000),
    () => globalThis.setTimeout(forget, 5_000),
  )
  return run
}
