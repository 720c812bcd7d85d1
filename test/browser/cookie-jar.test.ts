/** Faults 7 to 11: what lies in the jar of a real browser, on subdomains over https. */
import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { type HttpsSite, serveHttps, visit } from './harness/https-site.ts'
import { ada, grace, openSecureTab, withBrowser } from './harness.ts'

withBrowser()

const signIn = (tab: Page, who = ada) =>
  tab.evaluate(async (person) => void (await window.app.auth.signIn(person)), who)
const signOut = (tab: Page) => tab.evaluate(async () => void (await window.app.auth.signOut()))
const told = (tab: Page) => tab.evaluate(() => [...window.app.told])
const plant = (tab: Page, cookie: string) =>
  tab.evaluate((line) => {
    // biome-ignore lint/suspicious/noDocumentCookie: that is what an attacker does.
    document.cookie = line
  }, cookie)
const tokens = async (context: BrowserContext) =>
  (await context.cookies()).filter(({ name }) => /-token/.test(name)).map(({ name, value }) => `${name}=${value}`)

async function open(users = [ada, grace]): Promise<{ site: HttpsSite; tab: Page; context: BrowserContext }> {
  const site = await serveHttps({ users })
  return { site, ...(await openSecureTab()) }
}

describe('an app whose second version keeps its cookies elsewhere', () => {
  const versions = [
    ['on the domain instead of this host', {}, { domain: 'example.test' }],
    ['on this host instead of the domain', { domain: 'example.test' }, {}],
    ['at the root instead of a path', { path: '/shop' }, {}],
    ['at a path instead of the root', {}, { path: '/shop/cart' }],
    ['in a jar of its own', {}, { partitioned: true }],
  ] as const

  test.each(versions)('%s: a sign-out and a reload, and nobody is signed in', async (_, first, second) => {
    const { site, tab, context } = await open()
    const [before, now] = [first, second].map((options) => `${site.app(options, '/shop/cart')}#shop`) as [
      string,
      string,
    ]
    await visit(tab, before)
    await signIn(tab)
    expect(await visit(tab, now)).toBe(ada.email)
    await signOut(tab)
    expect(await tokens(context)).toEqual([])
    expect(await told(tab)).toEqual([])
    expect(await visit(tab, now)).toBeNull()
    expect(await visit(tab, before)).toBeNull()
  })

  test.each(versions)('%s: after a user switch a reload shows the user of now', async (_, first, second) => {
    const { site, tab, context } = await open()
    const [before, now] = [first, second].map((options) => `${site.app(options, '/shop/cart')}#shop`) as [
      string,
      string,
    ]
    await visit(tab, before)
    await signIn(tab)
    await visit(tab, now)
    await signIn(tab, grace)
    expect(await told(tab)).toEqual([])
    expect(await tokens(context)).toHaveLength(2)
    expect(await visit(tab, now)).toBe(grace.email)
    expect(await visit(tab, before)).toBe(grace.email)
    expect(site.mock.count('refresh')).toBe(0)
  })

  test('without a name that both have they are two apps, and neither touches the other’s session', async () => {
    const { site, tab } = await open()
    await visit(tab, site.app())
    await signIn(tab)
    expect(await visit(tab, site.app({ domain: 'example.test' }))).toBeNull()
    await signIn(tab, grace)
    expect(await visit(tab, site.app({ domain: 'example.test' }))).toBe(grace.email)
    expect(await visit(tab, site.app())).toBe(ada.email)
    await visit(tab, site.app({ domain: 'example.test' }))
    await signOut(tab)
    expect(await visit(tab, site.app({ domain: 'example.test' }))).toBeNull()
    expect(await visit(tab, site.app())).toBe(ada.email)
  })
})

describe('where a cookie cannot be written', () => {
  test('an HttpOnly cookie of the name of one: the error names it and the cause, and the page goes on', async () => {
    const { site, tab } = await open()
    await tab.goto(site.setting('refresh-token=of-the-server; Path=/; HttpOnly; Secure; SameSite=Lax'))
    await visit(tab, site.app())
    await signIn(tab)
    const [error] = await told(tab)
    expect(error).toMatch(/storage_failed: .*refresh-token.*HttpOnly/)
    expect(await tab.evaluate(() => window.app.auth.getState().status)).toBe('authenticated')
    await signOut(tab)
    expect(await visit(tab, site.app())).toBeNull()
  })

  test('a stray cookie of another path is not deleted, nor does it sign anybody in again', async () => {
    const { site, tab, context } = await open()
    await visit(tab, site.app({}, '/shop'))
    await signIn(tab)
    await tab.goto(
      site.setting('refresh-token=stray; Path=/shop; Secure', 'auth-token=stray; Domain=example.test; Path=/; Secure'),
    )
    expect(await visit(tab, site.app({}, '/shop'))).toBe(ada.email)
    await signOut(tab)
    expect(await visit(tab, site.app({}, '/shop'))).toBeNull()
    expect((await tokens(context)).sort()).toEqual(['auth-token=stray', 'refresh-token=stray'])
  })
})

describe('what a sibling host plants', () => {
  test('an encoded __Host- name on the domain signs nobody in', async () => {
    const { site, tab } = await open()
    await visit(tab, site.app())
    await signIn(tab, grace)
    const stolen = await tab.evaluate(() => document.cookie)
    await tab.context().clearCookies()
    await visit(tab, site.app({}, '/', 'evil.example.test'))
    for (const pair of stolen.split('; ')) await plant(tab, `%5F%5FHost-${pair}; Domain=example.test; Path=/; Secure`)
    const [accessName, refreshName, recordName] = ['auth-token', 'refresh-token', 'auth-session'].map(
      (name) => `__Host-${name}`,
    ) as [string, string, string]
    for (const options of [{ prefix: '__Host-' }, { accessName, refreshName, recordName }])
      expect(await visit(tab, site.app(options))).toBeNull()
    expect(await tab.evaluate(() => document.cookie)).toContain('%5F%5FHost-refresh-token')
  })

  test('further pieces of a token, and a record of nonsense, sign nobody out', async () => {
    const { site, tab } = await open()
    await visit(tab, site.app())
    await signIn(tab)
    await visit(tab, site.app({}, '/', 'evil.example.test'))
    for (const cookie of ['refresh-token.1=x', 'auth-token.1=x', 'auth-session.1=x', 'auth-session=%7B%22v%22%3A1%7D'])
      await plant(tab, `${cookie}; Domain=example.test; Path=/; Secure`)
    expect(await visit(tab, site.app())).toBe(ada.email)
    await tab.evaluate(() => window.app.auth.refresh())
    expect(await visit(tab, site.app())).toBe(ada.email)
    expect(site.mock.count('refresh')).toBe(1)
  })

  test('a record with an expiry that is none starts no storm', async () => {
    const { site, tab } = await open()
    await visit(tab, site.app())
    await signIn(tab)
    await tab.evaluate(() => {
      const [, text = ''] = /auth-session=([^;]+)/.exec(document.cookie) ?? []
      const envelope = JSON.parse(decodeURIComponent(text))
      envelope.record.expiresAt = 'soon'
      // biome-ignore lint/suspicious/noDocumentCookie: that is what an attacker does.
      document.cookie = `auth-session=${encodeURIComponent(JSON.stringify(envelope))}; path=/; secure`
    })
    expect(await visit(tab, site.app())).toBe(ada.email)
    await tab.waitForTimeout(2_000)
    expect(site.mock.count('refresh')).toBeLessThanOrEqual(1)
  })
})

describe('size', () => {
  test('a token of more than 3.7 kB is told with what to do', async () => {
    const { site, tab, context } = await open([{ ...ada, data: { about: 'x'.repeat(2_500) } } as typeof ada])
    await visit(tab, site.app())
    await signIn(tab)
    const token = await tab.evaluate(() => window.app.auth.getAccessToken())
    expect(token?.length).toBeGreaterThan(3_700)
    expect((await told(tab)).filter((text) => /diagnostic: .*toUser.*access: 'memory'/.test(text))).toHaveLength(1)
    expect(await visit(tab, site.app())).toBe(ada.email)
    await visit(tab, site.app({ access: 'memory' }))
    await tab.evaluate(() => window.app.auth.refresh())
    expect((await tokens(context)).map((pair) => pair.split('=')[0])).toEqual(['refresh-token'])
  })
})
