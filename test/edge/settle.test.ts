// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settle } from '../../src/browser/settle.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A browser whose main process knows of these cookies; the page sees what it is told. */
function stage(there: readonly { readonly name: string; readonly value: string }[], here: string) {
  let seen = here
  vi.stubGlobal('cookieStore', { getAll: async () => there })
  vi.spyOn(document, 'cookie', 'get').mockImplementation(() => seen)
  return (next: string) => {
    seen = next
  }
}

async function isSettled(promise: Promise<void> | undefined, ms: number): Promise<boolean> {
  let done = false
  void promise?.then(() => {
    done = true
  })
  await vi.advanceTimersByTimeAsync(ms)
  return done
}

const two = [
  { name: 'a', value: '1' },
  { name: 'b', value: 'x=y' },
]

test('there is no such store: it cannot be asked', () => {
  expect(settle()).toBeUndefined()
})

test.each([
  ['the same cookies, in whatever order', two, 'b=x=y; a=1'],
  ['none', [], ''],
  ['one without a name', [{ name: '', value: 'only' }], 'only'],
])('%s: at once', async (_, there, here) => {
  stage(there, here)
  expect(await isSettled(settle(), 0)).toBe(true)
})

test('a page that sees the cookies of before waits until it sees those of now', async () => {
  const see = stage(two, 'a=1')
  const settling = settle()
  expect(await isSettled(settling, 60)).toBe(false)
  see('a=1; b=x=y')
  expect(await isSettled(settling, 15)).toBe(true)
})

test('but not for ever: 150 ms', async () => {
  stage(two, 'a=1')
  const settling = settle()
  expect(await isSettled(settling, 149)).toBe(false)
  expect(await isSettled(settling, 1)).toBe(true)
})
