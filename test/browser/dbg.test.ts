import type { Page } from 'playwright-core'
import { test } from 'vitest'
import { ada, grace, openTabs, serveDemo, showsUser, signIn, withBrowser } from './harness.ts'
withBrowser()
test('dbg', async () => {
  for (let round = 0; round < 4; round++) {
  const site = await serveDemo()
  const { pages, context } = await openTabs(site.url, 2)
  const [here, there] = pages as [Page, Page]
  try {
  for (let i = 0; i < 3; i++) {
  for (const who of [ada, grace]) { await signIn(here, who); await showsUser(there, who.email) }
  await here.evaluate(() => window.kit.auth.signOut()); await showsUser(there, null)
  }
  } catch (e) { console.log('FAILED', String(e).split('\n')[0]) }
  for (const t of pages) console.log(JSON.stringify(await t.evaluate(() => ({ s: window.kit.states.map(s => [Math.round(s.at % 100000), s.status, s.email].join()), e: window.kit.events.map(e => [e.name, e.reason, e.by, e.code].join()), i: window.kit.auth.inspect(), st: window.kit.auth.getState() })), null, 1))
  console.log((await context.cookies()).map(c => c.name + '=' + decodeURIComponent(c.value).slice(0, 250)))
  console.log(site.hits.map(h => h.method + h.url + h.status).join('\n'))
  }
})
