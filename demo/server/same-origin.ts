/**
 * Whether a request may throw the demo's switches: not if a page of another origin sends it. Browsers say where a request
 * comes from by `Origin` and `Sec-Fetch-Site`; who is no browser sends neither.
 */
export function isOwn(request: Request): boolean {
  const site = request.headers.get('Sec-Fetch-Site')
  if (site !== null && site !== 'same-origin' && site !== 'none') return false
  const origin = request.headers.get('Origin')
  if (origin === null) return true
  const host = request.headers.get('Host') ?? new URL(request.url).host
  return URL.canParse(origin) && new URL(origin).host === host
}
