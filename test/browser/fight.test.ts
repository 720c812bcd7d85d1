/** Fault 1: tabs that sign in one after the other at a server whose tokens are the same each time. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page, Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually, openTabs, serveMock, withBrowser } from './harness.ts'

withBrowser()

/** For how long (ms) the tabs are watched in real time; `LONG=1`: a minute. Then their clocks go on by a minute. */
const WATCHED = process.env.LONG ? 60_000 : 2_000

interface Counted {
  /** Sessions written to the storage, and single assignments to `document.cookie`. */
  readonly writes: number
  readonly cookies: number
  readonly email: string | null
  readonly session: string | null
}

/** A server without refresh tokens: who signs in gets the token that this person always has. */
async function serveSameTokens(context: BrowserContext): Promise<void> {
  await context.route('**/same/auth/login', (route: Route) => {
    const { email } = route.request().postDataJSON()
    return route.fulfill({ json: { access_token: `token-of-${email}`, expires_in: 3600, user: { email } } })
  })
}

/** Puts an engine of that server in place of the page's own, and counts what it writes. */
const start = (tab: Page): Promise<void> =>
  tab.evaluate(() => {
    const { kit } = window
    kit.auth.dispose()
    const paths = { refresh: null, signOut: null, user: null }
    const backend = kit.restBackend<{ email: string }, { email: string }>({ baseUrl: '/same', paths })
    const storage = kit.cookieStorage()
    const counts = { writes: 0, cookies: 0 }
    const jar = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie') as Required<PropertyDescriptor>
    Object.defineProperty(document, 'cookie', {
      get: () => jar.get.call(document),
      set(text) {
        counts.cookies++
        jar.set.call(document, text)
      },
    })
    const auth = kit.createAuth({
      backend,
      storage: {
        ...storage,
        write(session, context) {
          counts.writes++
          return storage.write(session, context)
        },
      },
    })
    Object.assign(window, {
      // Who is overtaken by a later one is told so.
      signInAs: (email: string) =>
        auth.signIn({ email }).then(
          () => 'signed in',
          ({ code }) => code,
        ),
      count: (): Counted => ({
        ...counts,
        email: auth.getState().user?.email ?? null,
        session: auth.inspect().sessionId,
      }),
    })
  })

type Fighter = Window & { signInAs(email: string): Promise<string>; count(): Counted }
const signIn = (tab: Page, email: string) =>
  tab.evaluate((email) => (window as unknown as Fighter).signInAs(email), email)
const count = (tabs: readonly Page[]) =>
  Promise.all(tabs.map((tab) => tab.evaluate(() => (window as unknown as Fighter).count())))

test('4 tabs, 9 sign-ins with the same tokens: the last wins in all, with two writes a tab and sign-in at most, and the writing ends', async ({
  annotate,
}) => {
  const { context, pages, errors } = await openTabs('about:blank', 4)
  const site = await serveMock()
  await context.clock.install()
  await serveSameTokens(context)
  for (const tab of pages) {
    await tab.goto(site.url)
    await start(tab)
  }
  const order = 'ada 0, grace 0, ada 1, grace 2, ada 3, ada 0, grace 1, grace 3'.split(', ')
  const outcomes: Promise<string>[] = []
  for (const [index, step] of order.entries()) {
    const [email = '', tab] = step.split(' ')
    outcomes.push(signIn(pages[Number(tab)] as Page, email))
    // Every other one is under way when the next begins.
    if (index % 2) await Promise.all(outcomes)
  }
  for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatch(/^(signed in|session_changed)$/)
  expect(await signIn(pages[2] as Page, 'ada')).toBe('signed in')
  const signIns = order.length + 1

  await eventually(async () => expect((await count(pages)).map(({ email }) => email)).toEqual(Array(4).fill('ada')))
  await sleep(WATCHED)
  const settled = await count(pages)
  expect(settled.map(({ email }) => email)).toEqual(Array(4).fill('ada'))
  expect(new Set(settled.map(({ session }) => session)).size).toBe(1)
  for (const { writes } of settled) expect(writes).toBeLessThanOrEqual(2 * signIns)

  await context.clock.runFor(60_000)
  await sleep(200)
  expect(await count(pages)).toEqual(settled)
  expect(errors).toEqual([])
  await annotate(
    `${signIns} sign-ins in 4 tabs, watched for ${WATCHED} ms: ${settled.map(({ writes }) => writes).join(' + ')} sessions written, ${settled.map(({ cookies }) => cookies).join(' + ')} cookies`,
  )
})
