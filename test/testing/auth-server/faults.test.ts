import { expect, test } from 'vitest'
import { createMockAuth, type Fault } from '../../../src/testing/auth-server/index.ts'
import { manualClock, read, rest, restLogin, seeded, supabaseClient } from './auth-client.ts'

function server() {
  const clock = manualClock()
  return { clock, mock: createMockAuth({ clock, random: seeded() }) }
}

const unavailable: Fault = { type: 'status', status: 503 }
const status = async (mock: ReturnType<typeof createMockAuth>): Promise<number> =>
  (await rest(mock, 'GET', '/public')).status

test('next hits as many requests of that call as it says, in the order given', async () => {
  const { mock } = server()
  mock.faults.next('api', unavailable, 2)
  mock.faults.next('api', { type: 'status', status: 418 })
  mock.faults.next('refresh', { type: 'drop' })
  const seen: number[] = []
  for (let count = 0; count < 4; count++) seen.push(await status(mock))
  expect(seen).toEqual([503, 503, 418, 200])
})

test('always hits until it is switched off or everything is cleared', async () => {
  const { mock } = server()
  mock.faults.always('api', unavailable)
  expect([await status(mock), await status(mock)]).toEqual([503, 503])
  mock.faults.always('api', null)
  expect(await status(mock)).toBe(200)
  mock.faults.always('*', unavailable)
  mock.faults.next('api', { type: 'status', status: 418 })
  expect([await status(mock), await status(mock)]).toEqual([418, 503])
  mock.faults.clear()
  expect(await status(mock)).toBe(200)
})

test('during hits what arrives in that time', async () => {
  const { mock, clock } = server()
  mock.faults.during('*', unavailable, clock.now() + 1000, clock.now() + 2000)
  const seen: number[] = []
  for (const wait of [999, 1, 999, 1]) {
    clock.advance(wait)
    seen.push(await status(mock))
  }
  expect(seen).toEqual([200, 503, 503, 200])
})

test('a status fault answers in the shape of the dialect, with the headers it was given, and changes nothing', async () => {
  const { mock } = server()
  const client = supabaseClient(mock)
  const { refresh_token: token } = await restLogin(mock)
  mock.faults.next('refresh', { type: 'status', status: 429, headers: { 'Retry-After': '7' } }, 2)
  const body = JSON.stringify({ refresh_token: token })
  const restful = await rest(mock, 'POST', '/auth/refresh-token', { body })
  expect([restful.status, restful.body, restful.headers.get('Retry-After')]).toEqual([
    429,
    { detail: 'Request rate limit reached', code: 'over_request_rate_limit' },
    '7',
  ])
  const supabase = await client.refresh(token)
  expect(supabase.body).toEqual({ code: 'over_request_rate_limit', message: 'Request rate limit reached' })
  expect(supabase.headers.get('X-Supabase-Api-Version')).toBe('2024-01-01')
  mock.faults.next('refresh', { type: 'status', status: 409 })
  expect((await client.refresh(token)).body.code).toBe('conflict')
  mock.faults.next('refresh', { type: 'status', status: 503, body: { own: true } })
  expect((await client.refresh(token)).body).toEqual({ own: true })
  mock.faults.next('refresh', { type: 'status', status: 204 })
  expect((await client.refresh(token)).status).toBe(204)
  expect(mock.log.every(({ call, verdict }) => call !== 'refresh' || verdict === null)).toBe(true)
  expect((await client.refresh(token)).status).toBe(200)
})

test('a captive portal answers with a page, a broken server with half of a JSON text', async () => {
  const { mock } = server()
  mock.faults.next('api', { type: 'html' })
  const page = await mock.fetch('/api/public')
  expect([page.status, page.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(await page.text()).toMatch(/^<!doctype html>/)
  mock.faults.next('api', { type: 'html', status: 511 })
  expect(await status(mock)).toBe(511)
  mock.faults.next('api', { type: 'junk' })
  const junk = await mock.fetch('/api/public')
  expect(junk.headers.get('Content-Type')).toBe('application/json')
  await expect(junk.json()).rejects.toThrow(SyntaxError)
})

test('a dropped request never reaches the server', async () => {
  const { mock } = server()
  const { refresh_token: token } = await restLogin(mock)
  const body = JSON.stringify({ refresh_token: token })
  mock.faults.next('refresh', { type: 'drop' })
  await expect(rest(mock, 'POST', '/auth/refresh-token', { body })).rejects.toThrow(new TypeError('Failed to fetch'))
  expect(mock.count('refresh')).toBe(0)
  expect(mock.log.at(-1)).toMatchObject({ call: 'refresh', fault: 'drop', status: null, verdict: null })
  expect((await rest(mock, 'POST', '/auth/refresh-token', { body })).status).toBe(200)
})

test('a lost answer has taken effect', async () => {
  const { mock } = server()
  const { refresh_token: token } = await restLogin(mock)
  const body = JSON.stringify({ refresh_token: token })
  mock.faults.next('refresh', { type: 'lost_answer' })
  await expect(rest(mock, 'POST', '/auth/refresh-token', { body })).rejects.toThrow(TypeError)
  expect(mock.log.at(-1)).toMatchObject({ fault: 'lost_answer', status: 200, verdict: 'rotated' })
  expect((await rest(mock, 'POST', '/auth/refresh-token', { body })).body.code).toBe('refresh_token_already_used')
})

test('latency processes the request on arrival and answers late, by the injected clock', async () => {
  const { mock, clock } = server()
  const { refresh_token: token } = await restLogin(mock)
  mock.faults.next('refresh', { type: 'latency', ms: 5000 })
  const answer = rest(mock, 'POST', '/auth/refresh-token', { body: JSON.stringify({ refresh_token: token }) })
  await clock.settle()
  expect(mock.log.at(-1)).toMatchObject({ verdict: 'rotated', status: null })
  clock.advance(4999)
  await clock.settle()
  expect(clock.pending()).toBe(1)
  clock.advance(1)
  expect((await answer).status).toBe(200)
  expect(mock.log.at(-1)?.status).toBe(200)
})

test('latency on the way in processes the request late', async () => {
  const { mock, clock } = server()
  const { refresh_token: token } = await restLogin(mock)
  mock.faults.next('refresh', { type: 'latency', ms: 5000, before: true })
  const answer = rest(mock, 'POST', '/auth/refresh-token', { body: JSON.stringify({ refresh_token: token }) })
  await clock.settle()
  expect(mock.log.at(-1)?.verdict).toBeNull()
  mock.admin.revokeSessions()
  clock.advance(5000)
  expect((await answer).body.code).toBe('refresh_token_not_found')
})

test('a hanging request ends by its signal only, with the reason of the signal', async () => {
  const { mock, clock } = server()
  const abort = new AbortController()
  mock.faults.next('api', { type: 'hang' })
  const answer = mock.fetch('/api/public', { signal: abort.signal })
  const outcome = answer.then(
    () => 'answered',
    (error: unknown) => error,
  )
  await clock.settle()
  clock.advance(86_400_000)
  abort.abort(new DOMException('too long', 'TimeoutError'))
  expect(await outcome).toBe(abort.signal.reason)
  expect(mock.count('api')).toBe(1)
})

test('aborting ends a late answer at once and leaves no timer behind', async () => {
  const { mock, clock } = server()
  const abort = new AbortController()
  mock.faults.next('api', { type: 'latency', ms: 1000 })
  const outcome = mock.fetch('/api/public', { signal: abort.signal }).catch((error: unknown) => error)
  await clock.settle()
  abort.abort()
  expect(await outcome).toMatchObject({ name: 'AbortError' })
  expect(clock.pending()).toBe(0)
})

test('a request aborted before it begins is not sent', async () => {
  const { mock } = server()
  await expect(mock.fetch('/api/public', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(mock.log).toHaveLength(0)
})

test('fetch takes a Request with a signal of its own, too', async () => {
  const { mock, clock } = server()
  const abort = new AbortController()
  mock.faults.next('api', { type: 'hang' })
  const request = new Request('http://auth.test/api/public', { signal: abort.signal })
  const outcome = mock.fetch(request).catch((error: unknown) => error)
  await clock.settle()
  abort.abort()
  expect(await outcome).toMatchObject({ name: 'AbortError' })
  expect((await read(await mock.fetch(new URL('http://auth.test/api/public')))).status).toBe(200)
})
