import { expect, test } from 'vitest'
import { eventually, openTab, serveDemo, signIn, statuses, type Tab, withBrowser } from './harness.ts'

withBrowser()

const COUNT = 5

/** Sends the same relative request by all ways. Does not wait for the answers. */
const send = (tab: Tab): Promise<void> =>
  tab.evaluate(() => {
    const { api, authFetch, outcome } = window.kit
    const note = { text: 'secret' }
    const init = { method: 'POST', body: JSON.stringify(note), headers: { 'Content-Type': 'application/json' } }
    const outcomes = Promise.all([
      outcome(() => api.post('/notes', note)),
      outcome(() => api.post('/notes', note, { adapter: 'xhr' })),
      outcome(() => api.post('/notes', note, { adapter: 'fetch' })),
      outcome(() => authFetch('/api/notes', init)),
      outcome(() => authFetch('api/notes', init)),
    ])
    Object.assign(window, { outcomes })
  })

/** Writes a `<base>` of another origin into the page, as an injection of HTML does. */
const inject = (tab: Tab, origin: string): Promise<void> =>
  tab.evaluate((href) => document.head.insertAdjacentHTML('afterbegin', `<base href="${href}/">`), origin)

const answers = (tab: Tab) =>
  tab.evaluate(() => (window as unknown as { outcomes: Promise<{ status: number; message: string }[]> }).outcomes)

const seenBy = async (origin: string): Promise<unknown[]> => (await (await fetch(`${origin}/seen`)).json()).requests

test('a <base> written right after the call changes nothing: axios by xhr and by fetch, and authFetch', async () => {
  const site = await serveDemo()
  const { otherOrigin } = site.demo
  const { tab } = await openTab(site.url)
  await signIn(tab)
  const outcomes = await tab.evaluate(async (href) => {
    const { api, authFetch, outcome } = window.kit
    const note = { text: 'secret' }
    const init = { method: 'POST', body: JSON.stringify(note), headers: { 'Content-Type': 'application/json' } }
    const requests = [
      outcome(() => api.post('/notes', note)),
      outcome(() => api.post('/notes', note, { adapter: 'xhr' })),
      outcome(() => api.post('/notes', note, { adapter: 'fetch' })),
      outcome(() => authFetch('/api/notes', init)),
      outcome(() => authFetch('api/notes', init)),
    ]
    document.head.insertAdjacentHTML('afterbegin', `<base href="${href}/">`)
    return Promise.all(requests)
  }, otherOrigin)
  expect(await seenBy(otherOrigin)).toEqual([])
  expect(statuses(outcomes)).toEqual({ 201: COUNT })
  expect(site.hitsOf('/api/notes').map(({ bearer }) => bearer !== null)).toEqual(Array(COUNT).fill(true))
})

test('a <base> written while requests wait to be repeated: none of them is sent again', async () => {
  const site = await serveDemo()
  const { otherOrigin } = site.demo
  const { tab } = await openTab(site.url)
  await signIn(tab)
  site.mock.admin.expireAccessTokens()
  site.mock.faults.always('refresh', { type: 'status', status: 503 })
  await send(tab)
  await eventually(() => expect(site.hitsOf('/api/notes').map(({ status }) => status)).toEqual(Array(COUNT).fill(401)))
  await inject(tab, otherOrigin)
  site.mock.faults.always('refresh', null)
  const outcomes = await answers(tab)
  expect(outcomes.map(({ message }) => message)).toEqual(Array(COUNT).fill(expect.stringContaining('base of the page')))
  expect(await seenBy(otherOrigin)).toEqual([])
  expect(site.hitsOf('/api/notes')).toHaveLength(COUNT)
})

test('a <base> written while requests wait to be sent, for their token has run out: none of them is sent', async () => {
  const site = await serveDemo()
  const { otherOrigin } = site.demo
  const { tab } = await openTab(site.url)
  await signIn(tab)
  site.mock.admin.expireAccessTokens()
  site.mock.faults.always('refresh', { type: 'status', status: 503 })
  await tab.evaluate(() => window.kit.jump(3_600_000))
  await send(tab)
  await eventually(() => expect(site.mock.count('refresh')).toBeGreaterThan(0))
  expect(site.hitsOf('/api/notes')).toEqual([])
  await inject(tab, otherOrigin)
  site.mock.faults.always('refresh', null)
  const outcomes = await answers(tab)
  expect(outcomes.map(({ message }) => message)).toEqual(Array(COUNT).fill(expect.stringContaining('base of the page')))
  expect(await seenBy(otherOrigin)).toEqual([])
  expect(site.hitsOf('/api/notes')).toEqual([])
})
