/** What is needed of Playwright, by structure: `playwright-core`, `playwright` and `@playwright/test` all fit. */
import type { MaybePromise } from '../core/types.ts'

/** sessionStorage, by origin. */
export type SessionItems = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface BrowserLike<Page> {
  newContext(options: { storageState?: StorageState }): Promise<ContextLike<Page>>
  close(): Promise<void>
}

export interface ContextLike<Page> {
  newPage(): Promise<Page>
  pages(): Page[]
  storageState(options?: { indexedDB?: boolean }): Promise<StorageState>
  addInitScript(script: (session: SessionItems) => void, session: SessionItems): Promise<unknown>
}

export interface PageLike {
  goto(url: string): Promise<{ status(): number } | null>
  url(): string
  evaluate(script: () => [string, string][]): Promise<[string, string][]>
}

export interface StateCookie {
  name: string
  value: string
  domain: string
  path: string
  /** In seconds since 1970; -1: with the browser's session. */
  expires: number
  httpOnly: boolean
  secure: boolean
  sameSite: 'Strict' | 'Lax' | 'None'
}

/** As Playwright's own. */
export interface StorageState {
  cookies: StateCookie[]
  origins: { origin: string; localStorage: { name: string; value: string }[] }[]
}

export type Launch<Page> = (options: { readonly headless: boolean }) => MaybePromise<BrowserLike<Page>>
