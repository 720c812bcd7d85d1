import { expect, test } from 'vitest'
import {
  accessToken,
  ada,
  openTab,
  serveDemo,
  serveRefusal,
  showsUser,
  signIn,
  statuses,
  withBrowser,
} from './harness.ts'

withBrowser()

test('the second origin sees no token: axios, fetch, another name of this host, redirects, preflights', async ({
  annotate,
}) => {
  const site = await serveDemo()
  const other = site.demo.otherOrigin
  const { tab, errors } = await openTab(site.url)
  await signIn(tab)
  const token = await accessToken(tab)
  const answers = await tab.evaluate(async (other) => {
    const { api, authFetch } = window.kit
    const echo = `${other}/echo-headers`
    const headers = { 'X-App': 'asks for a preflight' }
    const away = `/redirect?to=${encodeURIComponent(echo)}`
    const viaAxios = await Promise.all([
      api.get(echo),
      api.get(echo, { headers }),
      api.get(echo.replace('http:', '')),
      api.post(echo, { some: 'body' }, { headers }),
      api.get('/echo-headers', { baseURL: other, headers }),
      api.get(away),
      api.get(echo, { skipAuth: true, headers }),
    ])
    const viaFetch = await Promise.all([
      authFetch(echo),
      authFetch(echo, { headers }),
      authFetch(new URL(echo), { headers }),
      authFetch(new Request(echo, { headers })),
      authFetch(`/api${away}`),
      authFetch(echo, { skipAuth: true, headers }),
    ])
    return [...viaAxios.map(({ data }) => data), ...(await Promise.all(viaFetch.map((answer) => answer.json())))]
  }, other)
  expect(answers).toHaveLength(13)
  for (const answer of answers) expect(answer).toMatchObject({ authorization: false, cookie: false })
  const { anyAuthorization, requests } = await (await fetch(`${other}/seen`)).json()
  expect(anyAuthorization).toBe(false)
  const preflights = requests.filter(({ method }: { method: string }) => method === 'OPTIONS')
  expect(preflights.length).toBeGreaterThan(0)
  for (const { requestedHeaders } of preflights) expect(requestedHeaders).not.toContain('authorization')
  expect(JSON.stringify(requests)).not.toContain(token)
  // The API's own answer that redirects did get it.
  expect(site.hitsOf('/api/redirect').map(({ bearer }) => bearer)).toEqual([token, token])
  expect(errors).toEqual([])
  await annotate(`second origin: ${requests.length} requests, ${preflights.length} of them preflights, 0 tokens`)
})

test('a 401 of another origin, at once or by redirect, makes no refresh', async () => {
  const site = await serveDemo()
  const other = await serveRefusal()
  const { tab } = await openTab(site.url)
  await signIn(tab)
  const outcomes = await tab.evaluate((other) => {
    const { api, authFetch, outcome } = window.kit
    const away = `/away?to=${encodeURIComponent(`${other}/`)}`
    return Promise.all([
      outcome(() => api.get(other)),
      outcome(() => authFetch(other)),
      outcome(() => api.get(away)),
      outcome(() => authFetch(`/api${away}`)),
    ])
  }, other)
  expect(statuses(outcomes)).toEqual({ 401: 4 })
  expect(site.hitsOf('/api/away').map(({ bearer }) => bearer !== null)).toEqual([true, true])
  expect(site.mock.count('refresh')).toBe(0)
  await showsUser(tab, ada.email)
})

test('`skipAuth` sends no token to the API either, and its 401 goes to the caller', async () => {
  const site = await serveDemo()
  const { tab } = await openTab(site.url)
  await signIn(tab)
  const outcomes = await tab.evaluate(() =>
    Promise.all([
      window.kit.outcome(() => window.kit.api.get('/ping', { skipAuth: true })),
      window.kit.outcome(() => window.kit.authFetch('/api/ping', { skipAuth: true })),
    ]),
  )
  expect(statuses(outcomes)).toEqual({ 401: 2 })
  expect(site.hitsOf('/api/ping').map(({ bearer }) => bearer)).toEqual([null, null])
  expect(site.mock.count('refresh')).toBe(0)
})
