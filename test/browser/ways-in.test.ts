/** Sign-in by redirect at oidc-provider, a session bound to a key, an idle limit, and an app in a frame of another site. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startProvider, type TestProvider } from '../oauth/provider.ts'
import { openSecureTab, openTab, openTabs, type Tabs } from './harness/chromium.ts'
import { serveHttps } from './harness/https-site.ts'
import { buildPage, sendFile } from './harness/page-files.ts'
import { onStop } from './harness/started.ts'
import { eventually, withBrowser } from './harness.ts'

withBrowser()

interface Stage extends Tabs {
  readonly provider: TestProvider
  readonly tab: Page
  /** All that the console of any tab said. */
  readonly said: string[]
}

async function setStage({ dpop = false } = {}): Promise<Stage> {
  const files = await buildPage(new URL('./ways-in-page/', import.meta.url))
  const provider = await startProvider({
    redirects: ['/callback'],
    app: ({ url, path }, response, next) => {
      if (files.has(path)) sendFile(files, url, response)
      else if (path === '/' || path === '/callback') sendFile(files, '/', response)
      else next()
    },
  })
  onStop(provider.close)
  const said: string[] = []
  const bind = () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers by promise, after the app has read
    document.cookie = 'dpop=yes; path=/'
  }
  const stage = await openTab(`${provider.issuer}/`, dpop ? bind : undefined)
  stage.context.on('console', (message) => said.push(message.text()))
  return { ...stage, provider, said }
}

const shows = (tab: Page, text: string) =>
  eventually(async () => expect(await tab.locator('output').textContent()).toBe(text))
const showsAll = (tabs: readonly Page[], text: string) => Promise.all(tabs.map((tab) => shows(tab, text)))
/** Leaves for the provider. Resolves on its form. */
async function leave(tab: Page) {
  await tab.evaluate(() => {
    setTimeout(() => void window.waysIn.signIn())
  })
  await tab.waitForURL('**/interaction/**')
}
async function fillIn(tab: Page, login = 'ada') {
  await tab.locator('input').fill(login)
  await tab.locator('button').click()
}
async function signIn(tab: Page) {
  await leave(tab)
  await fillIn(tab)
  await shows(tab, 'ADA')
}
const tokenOf = (tab: Page) => tab.evaluate(() => window.waysIn.auth.getAccessToken())
const calls = (tab: Page) => tab.evaluate(() => window.waysIn.me())

test('there and back: the callback runs twice and uses the code once; back, a foreign state, a refusal, 8 tabs, out at the provider', async () => {
  const { provider, tab, context, open, said, errors } = await setStage()
  await shows(tab, 'nobody none')
  await signIn(tab)
  expect(tab.url()).toBe(`${provider.issuer}/?there`)
  expect(provider.count('/token', 'authorization_code')).toBe(1)
  expect(await calls(tab)).toBe(200)

  // The way that the person came: through the form, to the page that was left.
  await tab.goBack()
  await tab.goBack()
  await eventually(() => expect(tab.url()).toBe(`${provider.issuer}/`))
  await shows(tab, 'ADA')

  // Somebody else's address, and one that has been used: nothing happens to the session.
  for (const query of ['code=planted&state=foreign', 'error=access_denied&state=foreign']) {
    await tab.goto(`${provider.issuer}/callback?${query}`)
    await shows(tab, 'invalid_response ')
    expect(tab.url()).toBe(`${provider.issuer}/callback`)
    await tab.goto(provider.issuer)
    await shows(tab, 'ADA')
  }
  expect(provider.count('/token', 'authorization_code')).toBe(1)

  const tabs = [tab, ...(await open(7))]
  await showsAll(tabs, 'ADA')
  const before = provider.count('/token', 'refresh_token')
  await Promise.all(tabs.map((each) => each.evaluate(() => window.waysIn.auth.refresh())))
  // `refresh()` asks for a renewal that began after it: one under way and one after it, for all of them.
  expect(provider.count('/token', 'refresh_token') - before).toBeLessThanOrEqual(tabs.length)
  expect(await Promise.all(tabs.map(calls))).toEqual(tabs.map(() => 200))
  const tokens = await Promise.all(tabs.map(tokenOf))

  // Out here, in all tabs; then at the provider, which asks for the name at the next sign-in.
  await tab.evaluate(async () => {
    await window.waysIn.auth.signOut()
    void window.waysIn.backend.endSession({ redirect: '/' })
  })
  await showsAll(tabs.slice(1), 'nobody other_tab')
  await tab.waitForURL('**/session/end**')
  await tab.locator('button[name="logout"], button[autofocus]').first().click()
  await tab.waitForURL(`${provider.issuer}/`)
  await leave(tab)
  await fillIn(tab, 'nobody')
  await shows(tab, 'credentials_rejected access_denied')
  expect(tab.url()).toBe(`${provider.issuer}/callback`)

  expect(errors).toEqual([])
  for (const token of tokens) expect(said.join('\n')).not.toContain(token)
  expect(said.join('\n')).not.toMatch(/code=|state=/)
  const kept = await tab.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))
  for (const token of tokens) expect(kept).not.toContain(token)
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('auth-token')
})

test('whoever comes back by the back button to the page that was left can press the button again', async () => {
  const { tab } = await setStage()
  await shows(tab, 'nobody none')
  await leave(tab)
  await tab.goBack()
  await shows(tab, 'nobody none')
  await signIn(tab)
})

test('tokens bound to a key: 8 tabs and a reload share it, it cannot be exported, and a stolen token is refused elsewhere', async () => {
  const { provider, tab, open } = await setStage({ dpop: true })
  await shows(tab, 'nobody none')
  await signIn(tab)
  const tabs = [tab, ...(await open(7))]
  await showsAll(tabs, 'ADA')
  await Promise.all(tabs.map((each) => each.evaluate(() => window.waysIn.auth.refresh())))
  await tab.reload()
  await shows(tab, 'ADA')
  await tab.evaluate(() => window.waysIn.auth.refresh())
  expect(await Promise.all(tabs.map(calls))).toEqual(tabs.map(() => 200))
  expect(await tab.evaluate(() => window.waysIn.told)).toEqual([])

  const exported = await tab.evaluate(async () => {
    const opened = indexedDB.open('keyturn')
    await new Promise((resolve) => {
      opened.onsuccess = resolve
    })
    const found = opened.result.transaction('keys').objectStore('keys').getAll()
    await new Promise((resolve) => {
      found.onsuccess = resolve
    })
    opened.result.close()
    const pairs = found.result as CryptoKeyPair[]
    const tries = pairs.map(({ privateKey }) =>
      crypto.subtle.exportKey('jwk', privateKey).then(
        () => 'out',
        () => 'kept',
      ),
    )
    return Promise.all(tries)
  })
  expect(exported).toEqual(['kept'])

  // All cookies of the victim in another browser: its page has another key.
  const cookies = (await tab.context().cookies()).filter(({ name }) => /^(auth|refresh)-/.test(name))
  expect(cookies.length).toBeGreaterThanOrEqual(3)
  const thief = await openTabs('about:blank')
  await thief.context.addCookies([...cookies, { name: 'dpop', value: 'yes', url: provider.issuer }])
  const [page] = thief.pages as [Page]
  await page.goto(provider.issuer)
  await eventually(async () =>
    expect(await page.evaluate(() => window.waysIn.auth.getState().status)).not.toBe('loading'),
  )
  expect(await calls(page)).toBe(401)
  expect(await calls(tab)).toBe(200)
})

test('nobody uses any of three tabs for half an hour: all warn, one that is used keeps all, and in the end all are out', async () => {
  const { provider, tab, context, open } = await setStage()
  await shows(tab, 'nobody none')
  await signIn(tab)
  const tabs = [tab, ...(await open(2))]
  await showsAll(tabs, 'ADA')
  // From here on time is the test's, in all tabs.
  const { clock } = context
  await clock.install()
  for (const each of tabs) {
    await each.reload()
    await shows(each, 'ADA')
  }
  await clock.pauseAt(Date.now() + 600_000)
  await tab.keyboard.press('Shift')
  const pass = (ms: number) => clock.fastForward(ms)
  const warned = (each: Page) => each.evaluate(() => window.waysIn.warnings.at(-1))
  await pass(29 * 60_000 + 30_000)
  for (const each of tabs) await eventually(async () => expect(await warned(each)).toBeGreaterThan(0))
  await (tabs[1] as Page).keyboard.press('Shift')
  await pass(2_000)
  for (const each of tabs) await eventually(async () => expect(await warned(each)).toBeNull())
  await pass(20 * 60_000)
  await showsAll(tabs, 'ADA')
  const before = provider.count('/token/revocation')
  await pass(10 * 60_000)
  await pass(1_000)
  await showsAll(tabs, 'nobody idle')
  await eventually(() => expect(provider.count('/token/revocation')).toBeGreaterThan(before))
})

test('an app in a frame of another site, where third-party cookies are blocked, keeps its session in a jar of its own', async () => {
  const site = await serveHttps()
  const { tab } = await openSecureTab()
  const around = site.setting().replace('app.example.test', '127.0.0.1')
  /** The app in a frame, as the page around it shows it. */
  const embed = async (options: object) => {
    await tab.goto(around)
    await tab.evaluate((src) => {
      const frame = document.createElement('iframe')
      frame.src = src
      document.body.append(frame)
    }, site.app(options))
    await eventually(() => expect(tab.frames()).toHaveLength(2))
    const frame = tab.frames()[1]
    if (!frame) throw new Error('There is no frame.')
    await frame.waitForFunction(() => 'app' in window)
    return frame
  }
  const credentials = { email: 'ada@example.test', password: 'correct-horse' }

  // Without CHIPS the browser takes no cookie of a frame.
  const blocked = await embed({ sameSite: 'none' })
  await blocked.evaluate((credentials) => window.app.auth.signIn(credentials), credentials)
  expect(await blocked.evaluate(() => window.app.told.join())).toContain('storage_failed')
  expect(await (await embed({ sameSite: 'none' })).evaluate(() => window.app.who())).toBeNull()

  const partitioned = { sameSite: 'none', partitioned: true } as const
  const frame = await embed(partitioned)
  await frame.evaluate((credentials) => window.app.auth.signIn(credentials), credentials)
  expect(await frame.evaluate(() => window.app.told)).toEqual([])
  const again = await embed(partitioned)
  expect(await again.evaluate(() => window.app.who())).toBe('ada@example.test')
  // The app on its own has another jar.
  await tab.goto(site.app(partitioned))
  expect(await tab.evaluate(() => window.app.who())).toBeNull()
  const out = await embed(partitioned)
  await out.evaluate(() => window.app.auth.signOut())
  expect(await (await embed(partitioned)).evaluate(() => window.app.who())).toBeNull()
})
