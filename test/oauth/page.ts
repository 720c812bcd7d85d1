/** A page of the app, as much of it as a sign-in by redirect needs. */
import { type AuthEvents, createAuth, memoryStorage } from 'keyturn'
import { type OAuthOptions, oauthBackend } from 'keyturn/oauth'
import { onTestFinished, vi } from 'vitest'
import type { TestProvider } from './provider.ts'

export interface Page {
  href: string
  /** Where the page was sent to. */
  readonly left: string[]
  /** Shows it again as it was left. */
  comeBack(): void
  readonly store: Map<string, string>
}

/** Puts a page into the globals until the test has finished. */
export function openPage(href: string): Page {
  const left: string[] = []
  const store = new Map<string, string>()
  const shows: ((event: { persisted: boolean }) => void)[] = []
  const page: Page = {
    href,
    left,
    store,
    comeBack: () => {
      for (const show of shows) show({ persisted: true })
    },
  }
  vi.stubGlobal('location', {
    get href() {
      return page.href
    },
    assign: (address: string) => left.push(address),
  })
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_state: unknown, _title: string, address: string) => {
      page.href = new URL(address, page.href).href
    },
  })
  vi.stubGlobal('sessionStorage', {
    get length() {
      return store.size
    },
    key: (index: number) => [...store.keys()][index] ?? null,
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
    removeItem: (key: string) => store.delete(key),
  })
  vi.stubGlobal('addEventListener', (_name: string, run: (typeof shows)[0]) => shows.push(run))
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  return page
}

/** The app on that page. */
export function startApp(provider: TestProvider, page: Page, options: Partial<OAuthOptions<never>> = {}) {
  const backend = oauthBackend({
    issuer: provider.issuer,
    clientId: 'app',
    scope: 'openid profile offline_access',
    params: { prompt: 'consent' },
    ...(options as object),
  })
  const storage = memoryStorage()
  const here = () => page.href
  const auth = createAuth({ backend, storage, ports: { page: { href: here, base: here } } })
  const diagnostics: AuthEvents['diagnostic'][] = []
  auth.on('diagnostic', (event) => diagnostics.push(event))
  onTestFinished(() => auth.dispose())
  return { auth, backend, storage, diagnostics }
}
