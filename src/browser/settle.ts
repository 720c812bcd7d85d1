/** How often, and after how long (ms), this page's cookies are compared with the browser's. */
const TRIES = 10
const PAUSE = 15

interface CookieStore extends EventTarget {
  getAll(): Promise<readonly { readonly name?: string | null; readonly value?: string | null }[]>
}

/** Missing in some browsers, and on plain http. */
export const cookieStore = (): CookieStore | undefined => (globalThis as { cookieStore?: CookieStore }).cookieStore

const sorted = (pairs: readonly string[]): string => [...pairs].sort().join('; ')

/**
 * Resolves when this page sees its cookies as the browser has them; after 150 ms in any case. Tabs run in several processes:
 * what one has written, another may see some ms later, even if it is given the lock next. Firefox and WebKit are so always,
 * Chromium on a loaded machine, for it keeps what it has read until it is told of a change. undefined: it cannot be asked.
 */
export function settle(): Promise<void> | undefined {
  const store = cookieStore()
  if (!store) return
  const told = async () =>
    sorted((await store.getAll()).map(({ name, value }) => (name ? `${name}=${value}` : `${value}`)))
  const seen = () =>
    typeof document === 'undefined' ? null : sorted(document.cookie ? document.cookie.split('; ') : [])
  return (async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const there = await told()
      const here = seen()
      if (here === null || here === there) return
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
    }
  })()
}
