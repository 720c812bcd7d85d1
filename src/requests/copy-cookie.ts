import { rawCookies } from '../browser/cookies.ts'

/** The value of a cookie as a header; no header where there is no such cookie. */
export function copyCookie({
  cookie,
  header,
}: {
  readonly cookie: string
  readonly header: string
}): Readonly<Record<string, string>> {
  const pair = rawCookies()
    .split('; ')
    .find((text) => text.startsWith(`${cookie}=`))
  return pair ? { [header]: decodeURIComponent(pair.slice(cookie.length + 1)) } : {}
}
