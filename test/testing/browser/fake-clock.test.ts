import { createFakeClock, createMockAuth } from 'keyturn/testing'
import { expect, test, vi } from 'vitest'

test('timers run at their time, in order, and what hangs on them before the next', async () => {
  const clock = createFakeClock({ now: 1000 })
  const seen: string[] = []
  clock.setTimeout(() => seen.push(`b ${clock.now()}`), 20)
  clock.setTimeout(async () => {
    await Promise.resolve()
    seen.push(`a ${clock.now()}`)
  }, 10)
  await clock.advance(15)
  expect(seen).toEqual(['a 1010'])
  await clock.advance(5)
  expect(seen).toEqual(['a 1010', 'b 1020'])
  expect(clock.pending).toBe(0)
})

test('as in browsers, a delay of 2^31 ms or more fires at once', async () => {
  const clock = createFakeClock()
  const run = vi.fn()
  clock.setTimeout(run, 2 ** 31)
  await clock.advance(0)
  expect(run).toHaveBeenCalledOnce()
})

test('a jump moves the wall clock, and no timer notices', async () => {
  const clock = createFakeClock({ now: 0 })
  const run = vi.fn()
  clock.setTimeout(run, 1000)
  clock.jump(5000)
  await clock.flush()
  expect([clock.now(), run.mock.calls.length]).toEqual([5000, 0])
})

test('no time passes during work in real time', async () => {
  const clock = createFakeClock({ now: 0 })
  let finish = () => {}
  const at = clock.during(new Promise<void>((resolve) => (finish = resolve))).then(() => clock.now())
  const passed = clock.advance(60_000)
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(clock.now()).toBe(0)
  finish()
  await passed
  expect([await at, clock.now()]).toEqual([0, 60_000])
})

test('the mock signs within no time, however slow the machine', async () => {
  const clock = createFakeClock()
  const mock = createMockAuth({ clock })
  const sign = crypto.subtle.sign.bind(crypto.subtle)
  const slow = vi.spyOn(crypto.subtle, 'sign').mockImplementation(async (...args) => {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    return sign(...args)
  })
  const start = clock.now()
  const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
  const answered = mock.fetch('/api/auth/login', { method: 'POST', body }).then(() => clock.now())
  await clock.advance(60_000)
  slow.mockRestore()
  expect(await answered).toBe(start)
})
