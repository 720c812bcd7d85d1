import type { Page } from '@playwright/test'

/**
 * Waits until no page renews its session, and lets none begin as long as the pages are open: it takes the lock of renewals,
 * which all pages of an origin share, and keeps it. Where there are no Web Locks (plain http) it does nothing.
 * @param within ms. A page that does not answer by then, because it shows a dialog for instance, is left as it is.
 */
export async function holdRenewals(
  pages: readonly Page[],
  lock: string,
  within: number,
  origin: string | undefined = pages[0] && new URL(pages[0].url()).origin,
): Promise<void> {
  const [page] = pages.filter((one) => new URL(one.url()).origin === origin)
  if (!page) return
  const held = page.evaluate(
    (name) =>
      new Promise<void>((resolve) => {
        if (!navigator.locks) return resolve()
        const keep = () => {
          resolve()
          return new Promise(() => {})
        }
        navigator.locks.request(name, keep).catch(() => resolve())
      }),
    lock,
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, within)
  })
  // A page that is closed meanwhile renews nothing either.
  await Promise.race([held.catch(() => {}), late]).finally(() => clearTimeout(timer))
}
