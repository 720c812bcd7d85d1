import { rawCookies } from '../browser/cookies.ts'

/**
 * For the `csrf` option of `restBackend`, `attachAuth` and `createAuthFetch`: copies a cookie of the page into a header. No
 * such cookie, or no page: no header.
 * @example csrfCookie('XSRF-TOKEN', 'X-XSRF-TOKEN')
 */
export const csrfCookie =
  (cookie: string, header: string): (() => Readonly<Record<string, string>>) =>
  () => {
    const pair = rawCookies()
      .split('; ')
      .find((text) => text.startsWith(`${cookie}=`))
    return pair ? { [header]: decodeURIComponent(pair.slice(cookie.length + 1)) } : {}
  }
