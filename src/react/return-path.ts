const NAME = 'returnTo'

/** The address `to` with the path to come back to in its query; where a hash router routes, in the query of its route. */
export function withReturnPath(to: string, back: string): string {
  const [, place = '', fragment] = /^([^#]*(?:#!?\/[^#]*)?)(.*)/s.exec(to) ?? []
  return `${place + (/\?[^#]*$/.test(place) ? '&' : '?') + NAME}=${encodeURIComponent(back)}${fragment}`
}

/**
 * Where to go after signing in: the path that {@link RequireAuth} put into `?returnTo=`. Anybody can write a link with
 * such a query, so only a path of this origin passes. Everything else gives `fallback`: other schemes and hosts, `//`
 * and backslashes (browsers read both as the start of a host), and control characters (browsers drop some of them, and
 * the rest may then begin with `//`).
 * @param search The query of the sign-in page: `location.search`, or `location.hash` with a hash router.
 * @param fallback Where to go otherwise. Not checked. Default: `/`.
 */
export function readReturnPath(search: string, fallback = '/'): string {
  const path = new URLSearchParams(search.replace(/^#[^?]*/, '')).get(NAME) ?? ''
  return /^(\/(?![/\\])[^/\\?#\p{Cc}]*)+([?#]\P{Cc}*)?$/u.test(path) ? path : fallback
}
