import { createFakeBrowser, createFakeClock, type SteadyClock } from 'keyturn/testing'
import { expect, test } from 'vitest'

const MINUTE = 60_000

/** A tab on a device whose clock runs 1 % slower than the time that passes. */
function openSlowTab() {
  const clock = createFakeClock()
  const elapsed = () => Math.floor(clock.elapsed() * 0.99)
  const device: SteadyClock = {
    now: elapsed,
    elapsed,
    setTimeout: (run, ms) => clock.setTimeout(run, Math.ceil(ms / 0.99)),
    clearTimeout: clock.clearTimeout,
  }
  const { process } = createFakeBrowser({ clock: device }).openTab()
  return { clock, elapsed, process }
}

test.each([500, 1_700, 59_999, 60_000, 61_000])(
  'a throttled timer of %i ms waits for the next full minute',
  async (ms) => {
    const { clock, elapsed, process } = openSlowTab()
    process.throttle(true)
    let rang: number | undefined
    process.clock.setTimeout(() => {
      rang = elapsed()
    }, ms)
    await clock.advance(3 * MINUTE)
    const minute = Math.ceil(ms / MINUTE) * MINUTE
    expect(rang).toBeGreaterThanOrEqual(minute)
    expect(rang).toBeLessThan(minute + 5)
  },
)

test('no longer throttled, a timer rings when it is due', async () => {
  const { clock, elapsed, process } = openSlowTab()
  process.throttle(true)
  let rang: number | undefined
  process.clock.setTimeout(() => {
    rang = elapsed()
  }, 5_000)
  await clock.advance(1_000)
  process.throttle(false)
  await clock.advance(10_000)
  expect(rang).toBeGreaterThanOrEqual(5_000)
  expect(rang).toBeLessThan(5_005)
})
