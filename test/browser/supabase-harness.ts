import { createFakeClock, createMockAuth, type MockAuth, type MockAuthOptions } from 'keyturn/testing'
import type { BrowserContext, Page } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { beforeAll, onTestFinished } from 'vitest'
import { serve } from '../supabase-client/serve.ts'
import { openTabs } from './harness.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

let files: ReadonlyMap<string, string | Uint8Array>

/** Builds the page with supabase-js and Keyturn once per test file. */
export function withSupabasePage(): void {
  beforeAll(async () => {
    const { output } = (await build({
      configFile: false,
      root: new URL('./supabase-page/', import.meta.url).pathname,
      logLevel: 'error',
      mode: 'production',
      build: { write: false, chunkSizeWarningLimit: 2000 },
      resolve: { tsconfigPaths: true },
    })) as Rolldown.RolldownOutput
    files = new Map(output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))
  })
}

export interface SupabaseSite {
  readonly mock: MockAuth
  readonly context: BrowserContext
  /** Opens `count` tabs with supabase-js. */
  readonly open: (count: number) => Promise<Page[]>
  /** Goes to the same app, some releases later: with Keyturn. */
  readonly goToKeyturn: (tab: Page) => Promise<void>
  /** Lets time pass for the tabs and the server. */
  readonly advance: (ms: number) => Promise<void>
  readonly errors: readonly string[]
}

/**
 * An app on one origin, the mock on another, and a browser whose time stands still between steps. Cookies know nothing
 * of that time, so it begins now.
 */
export async function openSite(options: MockAuthOptions = {}): Promise<SupabaseSite> {
  const clock = createFakeClock({ now: Date.now() })
  const mock = createMockAuth({ clock, profile: 'hosted', ...options })
  const project = await serve(mock.handle)
  const app = await serve(async (request) => page(new URL(request.url).pathname))
  onTestFinished(async () => {
    await Promise.all([project.close(), app.close()])
  })
  const url = `${app.origin}/?project=${encodeURIComponent(project.origin)}`
  const { context, open, errors } = await openTabs(url, 0)
  await context.clock.install({ time: clock.now() })
  await context.clock.pauseAt(clock.now() + SECOND)
  clock.jump(SECOND)

  /** Waits until no request is on its way, and nothing more follows from the last one. */
  const settle = async () => {
    for (let quiet = 0; quiet < 3; quiet++) {
      const requests = await Promise.all(context.pages().map((tab) => tab.evaluate(() => window.requests)))
      if (requests.some((count) => count > 0)) quiet = -1
    }
  }
  /** supabase-js looks at its session every half minute. Nobody renews a token in its first 54 minutes. */
  const nextStep = () => {
    const issued = Math.max(0, ...mock.log.map(({ at, issuedRefreshToken }) => (issuedRefreshToken === null ? 0 : at)))
    return Math.max(30 * SECOND, issued + 54 * MINUTE - clock.now())
  }
  return {
    mock,
    context,
    open,
    goToKeyturn: async (tab) => void (await tab.goto(`${url}&keyturn`)),
    advance: async (ms) => {
      for (let left = ms; left > 0; ) {
        const step = Math.min(left, nextStep())
        left -= step
        clock.jump(step)
        await context.clock.runFor(step)
        await settle()
      }
    },
    errors,
  }
}

function page(path: string): Response {
  const name = path === '/' ? '/index.html' : path
  const body = files.get(name)
  const type = name.endsWith('.js') ? 'text/javascript' : 'text/html'
  const headers = { 'Content-Type': `${type}; charset=utf-8` }
  return new Response((body ?? null) as BodyInit | null, { status: body === undefined ? 404 : 200, headers })
}
