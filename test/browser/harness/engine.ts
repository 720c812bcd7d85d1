import type { Tab } from './tabs.ts'

/** What every browser tells of a cookie. */
export interface SeenCookie {
  readonly name: string
  readonly value: string
  readonly path?: string | undefined
  readonly domain?: string | undefined
  readonly secure?: boolean | undefined
  readonly sameSite?: string | undefined
  /** Seconds since 1970. */
  readonly expires?: number | undefined
}

/** A browser without any cookie. */
export interface FreshBrowser {
  /** Opens one more tab on the page. */
  readonly open: () => Promise<Tab>
  readonly cookies: () => Promise<readonly SeenCookie[]>
}

/** One of the browsers that the same scenarios run in. */
export interface Engine {
  readonly name: 'chromium' | 'firefox' | 'webkit'
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  readonly fresh: (url: string) => Promise<FreshBrowser>
}
