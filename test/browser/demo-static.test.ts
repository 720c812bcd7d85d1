/** The tour as a static site: its server runs in the browser, and the web server has files alone. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { stories } from '../../demo/app/src/stories/stories.ts'
import { eventually, openTab, withBrowser, withStaticTour } from './harness.ts'
import { tourStories, traffic } from './tour-stories.ts'

withBrowser({ concurrent: true })
const tour = withStaticTour()

tourStories(tour, { concurrent: true })

test.concurrent('all tabs have one server: the app with the devtools finds who signed in in the tour, and is signed out with it', async ({
  onTestFinished,
}) => {
  const { tab, context, errors } = await openTab(tour.page('/burst'))
  onTestFinished(() => context.close())
  await tab.getByText('Ready.', { exact: true }).waitFor()
  const opened = context.waitForEvent('page')
  await tab.getByRole('link', { name: 'Open the app with the devtools' }).click()
  const app = await opened
  await app.getByText('Ada', { exact: true }).waitFor()
  await app.getByRole('button', { name: 'Send a request' }).click()
  await app.getByText(/[1-9] answered/).waitFor()
  const before = (await traffic(tab)).counts.keyturn.refreshes
  await app.getByRole('button', { name: 'Renew now' }).click()
  await eventually(async () => expect((await traffic(tab)).counts.keyturn.refreshes).toBe(before + 1))
  expect((await traffic(app)).counts.keyturn.refreshes).toBe(before + 1)
  await tab.evaluate(() => fetch('/api/demo/end-sessions', { method: 'POST' }))
  await app.getByText('The server ended the session.').waitFor()
  expect(errors).toEqual([])
})

test.concurrent('addresses last: a story stays when it is loaded again, and links and the way back lead to others', async ({
  onTestFinished,
}) => {
  const { tab, context, errors } = await openTab(tour.page('/expiry'))
  onTestFinished(() => context.close())
  const title = (at: number) => tab.getByRole('heading', { level: 1, name: stories[at]?.title ?? '' }).waitFor()
  await title(0)
  await tab.getByRole('navigation', { name: 'Before and after' }).getByRole('link').click()
  await title(1)
  await tab.reload()
  await title(1)
  await tab.goBack()
  await title(0)
  await tab.getByRole('link', { name: 'Skip to the content' }).press('Enter')
  await title(0)
  expect(await tab.evaluate(() => document.activeElement?.id)).toBe('main')
  expect(errors).toEqual([])
})

test.concurrent('its pages allow no inline script, no text that becomes a script, and no worker but its own', async ({
  onTestFinished,
}) => {
  const { tab, context } = await openTab(tour.page('/'))
  onTestFinished(() => context.close())
  const policy = (await tab.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')) ?? ''
  for (const part of ["default-src 'none'", "script-src 'self'", "worker-src 'self'", "base-uri 'none'"])
    expect(policy).toContain(part)
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(policy).not.toMatch(/unsafe|\*/)
  await tab.getByText('npm install keyturn', { exact: true }).waitFor()
  const allowed = await tab.evaluate(() => {
    const goes = (run: () => unknown): boolean => {
      try {
        run()
        return true
      } catch {
        return false
      }
    }
    const script = document.createElement('script')
    return {
      html: goes(() => {
        document.body.innerHTML = '<b>text</b>'
      }),
      text: goes(() => {
        script.text = 'window.ran = true'
      }),
      worker: goes(() => new SharedWorker('./frame.html')),
    }
  })
  expect(allowed).toEqual({ html: false, text: false, worker: false })
  // And it says what is otherwise here.
  await tab.getByText('a server that runs in your browser').waitFor()
  await tab.getByRole('link', { name: 'A session in an HttpOnly cookie' }).first().click()
  await tab.getByText('a worker cannot set an HttpOnly cookie').waitFor()
})

test.concurrent('where it cannot have its server it says so, in the tour and in the app', async ({
  onTestFinished,
}) => {
  for (const url of [tour.page('/'), new URL('frame.html', tour.url()).href]) {
    const { tab, context } = await openTab(url, () => void Reflect.deleteProperty(window, 'SharedWorker'))
    onTestFinished(() => context.close())
    await tab.getByText('This browser has not both.').waitFor()
  }
})

test.concurrent('a request that its server cannot read has a broken connection for an answer', async ({
  onTestFinished,
}) => {
  const { tab, context } = await openTab(tour.page('/burst'))
  onTestFinished(() => context.close())
  await tab.getByText('Ready.', { exact: true }).waitFor()
  const script = tour.asked.find((path) => path.includes('server-worker')) ?? ''
  const answered = await tab.evaluate((script) => {
    const { port } = new SharedWorker(script, { type: 'module', name: 'keyturn-tour' })
    const { port1, port2 } = new MessageChannel()
    port.start()
    port.postMessage({ url: '/api/echo', method: 'GET', headers: [], referrer: '', body: 'A GET has none.' }, [port2])
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data)
    })
  }, script)
  expect(answered).toBeNull()
})

test('a page of another origin does not reach its switches', async () => {
  const { tab, context } = await openTab(tour.page('/burst'))
  await tab.getByText('Ready.', { exact: true }).waitFor()
  const byWorker: boolean[] = []
  tab.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/')) byWorker.push(response.fromServiceWorker())
  })
  const counts = await traffic(tab)
  const elsewhere = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<p>'))
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const foreign = await context.newPage()
  await foreign.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`)
  const switches = new URL('/api/demo/reset', tour.url()).href
  await foreign.evaluate(
    (url) => fetch(url, { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
    switches,
  )
  elsewhere.close()
  elsewhere.closeAllConnections()
  expect(await traffic(tab)).toEqual(counts)
  // What the other page sends comes to the file server, which knows nothing of it; what the tour sends never does.
  expect(tour.asked).toContain('/api/demo/reset')
  expect(byWorker.length).toBeGreaterThan(0)
  expect(byWorker).not.toContain(false)
})
