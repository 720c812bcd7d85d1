import type { FakeClock, FakeSite } from '../../src/testing/index.ts'
import type { ContextLike, Launch, PageLike, StateCookie, StorageState } from '../../src/web-session/browser-types.ts'

export const SITE = 'https://desks.example.test'

export interface FakePage extends PageLike {
  /** The page's HTML. */
  content(): string
  /** Sends a form of the page. */
  submit(path: string, fields: Readonly<Record<string, string>>): Promise<void>
  cookie(name: string): string | null
  local(key: string): string | null
}

export interface FakeBrowsers {
  readonly launch: Launch<FakePage>
  /** How many were opened, how many are open now, and how many at most at a time. */
  opened: number
  open: number
  most: number
  /** Where every page leads to in place of the site; null: to the site. */
  detour: string | null
  /** What `goto` does instead. */
  goto: (() => Promise<never>) | null
  /** Plays the person in a window that stands open. */
  person: ((page: FakePage) => Promise<unknown>) | null
  /** The state cannot be taken. */
  mute: boolean
}

type Items = Record<string, string>

/** A browser as far as a web session uses one, over the handler of a fake site: cookies, both storages, the site's two scripts. */
export function createFakeBrowsers(site: FakeSite, clock: FakeClock): FakeBrowsers {
  const newContext = (storage: StorageState | undefined, headless: boolean): ContextLike<FakePage> => {
    const cookies = new Map<string, StateCookie>(storage?.cookies.map((cookie) => [cookie.name, cookie]))
    const local: Items = Object.fromEntries(
      storage?.origins.flatMap(({ localStorage }) => localStorage.map(({ name, value }) => [name, value])) ?? [],
    )
    const scripts: (() => void)[] = []
    const pages: FakePage[] = []

    const ask = async (
      method: string,
      path: string,
      headers: Items = {},
      body: string | null = null,
    ): Promise<Response> => {
      const now = clock.now() / 1000
      const sent = [...cookies.values()].filter(({ expires }) => expires < 0 || expires > now)
      const cookie = sent.map(({ name, value }) => `${name}=${value}`).join('; ')
      const request = new Request(`${SITE}${path}`, { method, headers: { ...headers, cookie }, body })
      const answer = await clock.during(site.handler(request))
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        const life = Number(/Max-Age=(\d+)/.exec(line)?.[1] ?? -1)
        const expires = life < 0 ? -1 : now + life
        const rest = {
          domain: 'desks.example.test',
          path: '/',
          httpOnly: true,
          secure: false,
          sameSite: 'Lax' as const,
        }
        if (life === 0) cookies.delete(name)
        else cookies.set(name, { name, value, expires, ...rest })
      }
      return answer
    }
    const newPage = async (): Promise<FakePage> => {
      let url = 'about:blank'
      let html = ''
      const session: Items = {}
      const within = <Result>(run: () => Result): Result => {
        const globals = globalThis as Record<string, unknown>
        const before = [globals.location, globals.sessionStorage]
        const setItem = (key: string, value: string): void => {
          session[key] = value
        }
        const shown = Object.assign(Object.create({ setItem, length: Object.keys(session).length }), session)
        Object.assign(globals, { location: { origin: new URL(url).origin }, sessionStorage: shown })
        try {
          return run()
        } finally {
          Object.assign(globals, { location: before[0], sessionStorage: before[1] })
        }
      }
      const load = async (method: string, path: string, body: string | null = null): Promise<number> => {
        const type: Items = body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await ask(method, path, type, body)
        const target = answer.headers.get('location')
        if (target) return load('GET', target)
        url = `${browsers.detour ?? SITE}${path}`
        html = await answer.text()
        if (!browsers.detour) for (const script of scripts) within(script)
        await runScripts()
        return answer.status
      }
      const runScripts = async (): Promise<void> => {
        const tab = /setItem\('tab', '(\w+)'\)/.exec(html)?.[1]
        if (tab) {
          session.tab = tab
          await load('GET', '/')
        } else if (html.includes("fetch('/api/token'")) {
          const answer = await ask('POST', '/api/token', { 'x-tab': session.tab ?? '' })
          if (!answer.ok) return
          local.token = ((await answer.json()) as { token: string }).token
          html += '<p id="me">'
        }
      }
      const page: FakePage = {
        async goto(address) {
          if (browsers.goto) return browsers.goto()
          const status = await load('GET', new URL(address).pathname)
          if (!headless) void browsers.person?.(page)
          return { status: () => status }
        },
        url: () => url,
        evaluate: async (script) => within(script),
        content: () => html,
        submit: async (path, fields) => void (await load('POST', path, new URLSearchParams(fields).toString())),
        cookie: (name) => cookies.get(name)?.value ?? null,
        local: (key) => local[key] ?? null,
      }
      pages.push(page)
      return page
    }
    return {
      newPage,
      pages: () => pages,
      async storageState() {
        if (browsers.mute) throw new Error('Target closed')
        const items = Object.entries(local).map(([name, value]) => ({ name, value }))
        return structuredClone({ cookies: [...cookies.values()], origins: [{ origin: SITE, localStorage: items }] })
      },
      async addInitScript(script, argument) {
        scripts.push(() => script(argument))
      },
    }
  }
  const browsers: FakeBrowsers = {
    opened: 0,
    open: 0,
    most: 0,
    detour: null,
    goto: null,
    mute: false,
    person: null,
    async launch({ headless }) {
      browsers.opened++
      browsers.open++
      browsers.most = Math.max(browsers.most, browsers.open)
      let closed = false
      return {
        newContext: async ({ storageState }) => newContext(storageState, headless),
        async close() {
          if (!closed) browsers.open--
          closed = true
        },
      }
    },
  }
  return browsers
}
