import type { IncomingHttpHeaders } from 'node:http'

/** All strings in a JSON value, with the name of the member that each stands in. */
export function stringsOf(value: unknown, name = ''): readonly (readonly [name: string, text: string])[] {
  if (typeof value === 'string') return [[name, value]]
  if (!(value instanceof Object)) return []
  return Object.entries(value).flatMap(([key, inner]) => stringsOf(inner, key))
}

/** The members of a JSON or form body. */
export function bodyStrings(body: string, type = ''): readonly (readonly [string, string])[] {
  if (type.includes('form')) return [...new URLSearchParams(body)]
  try {
    return stringsOf(JSON.parse(body))
  } catch {
    return []
  }
}

/** The pairs of a `Cookie` header. */
export const cookiePairs = (header = ''): readonly (readonly [string, string])[] =>
  header
    .split(/; */)
    .filter((pair) => pair.includes('='))
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)

/** What an answer hands out: cookies, tokens in headers, and what stands in the address that it sends the browser to. */
export function headerStrings(headers: IncomingHttpHeaders): readonly string[] {
  const cookies = (headers['set-cookie'] ?? []).flatMap((line) =>
    cookiePairs(line.split(';')[0]).map(([, text]) => text),
  )
  const location =
    headers.location && URL.canParse(headers.location, 'http://x') && new URL(headers.location, 'http://x')
  const named = Object.entries(headers).filter(([name]) => /token/.test(name))
  return [
    ...cookies,
    ...named.map(([, text]) => String(text)),
    ...(location ? [...location.searchParams.values(), ...location.pathname.split('/')] : []),
  ]
}
