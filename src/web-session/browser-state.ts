import type { ContextLike, PageLike, SessionItems, StateCookie, StorageState } from './browser-types.ts'

/** All that a browser keeps of a site. Equal to being signed in: secret. */
export interface BrowserState {
  /** Cookies, localStorage and IndexedDB, as Playwright gives them. */
  readonly storage: StorageState
  /** sessionStorage by origin, which Playwright has no word for. */
  readonly session: SessionItems
}

/** Takes the state out of a browser. What an earlier one knew of origins that are not open now stays. */
export async function takeState<Page extends PageLike>(
  context: ContextLike<Page>,
  before: BrowserState | null,
): Promise<BrowserState> {
  const session: Record<string, Record<string, string>> = { ...before?.session }
  for (const page of context.pages()) {
    const origin = originOf(page.url())
    if (!origin) continue
    const items = await page.evaluate(() => Object.entries({ ...globalThis.sessionStorage })).catch(() => null)
    if (items) session[origin] = Object.fromEntries(items)
  }
  const storage = await context.storageState({ indexedDB: true })
  return { storage, session }
}

/** Puts sessionStorage back, at the first page of each origin. The rest is for `newContext`. */
export async function restoreSession<Page>(context: ContextLike<Page>, state: BrowserState | null): Promise<void> {
  if (!state || !Object.keys(state.session).length) return
  await context.addInitScript((session) => {
    const { location, sessionStorage } = globalThis
    if (sessionStorage.length) return
    for (const [key, value] of Object.entries(session[location.origin] ?? {})) sessionStorage.setItem(key, value)
  }, state.session)
}

/** null: no page of a site, such as `about:blank`. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { origin } = new URL(url)
  return origin === 'null' ? null : origin
}

/** What may be shown of a state: names and times, no value. */
export interface StateFacts {
  readonly cookies: number
  /** By domain: how many cookies, and when the one that ends first does; null: with the browser's session. */
  readonly domains: Readonly<Record<string, { readonly cookies: number; readonly endsAt: number | null }>>
  /** By origin: how many items of localStorage and sessionStorage. */
  readonly origins: Readonly<Record<string, { readonly local: number; readonly session: number }>>
}

export function factsOf({ storage, session }: BrowserState): StateFacts {
  const domains: Record<string, { cookies: number; endsAt: number | null }> = {}
  for (const cookie of storage.cookies) {
    const { cookies, endsAt } = domains[cookie.domain] ?? { cookies: 0, endsAt: null }
    const end = endOf(cookie)
    domains[cookie.domain] = {
      cookies: cookies + 1,
      endsAt: end === null ? endsAt : Math.min(end, endsAt ?? Infinity),
    }
  }
  const origins: Record<string, { local: number; session: number }> = {}
  for (const { origin, localStorage } of storage.origins) origins[origin] = { local: localStorage.length, session: 0 }
  for (const [origin, items] of Object.entries(session))
    origins[origin] = { local: origins[origin]?.local ?? 0, session: Object.keys(items).length }
  return { cookies: storage.cookies.length, domains, origins }
}

/** When the first of these cookies ends, in ms since 1970; null: none has an end. `names`: only these; default: all. */
export function earliestEnd({ storage }: BrowserState, names?: readonly string[]): number | null {
  const ends = storage.cookies
    .filter(({ name }) => !names || names.includes(name))
    .map(endOf)
    .filter((end) => end !== null)
  return ends.length ? Math.min(...ends) : null
}

const endOf = ({ expires }: StateCookie): number | null => (expires > 0 ? Math.round(expires * 1000) : null)
