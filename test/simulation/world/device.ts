import type { FakeClock, SteadyClock } from 'keyturn/testing'

/** The computer the browser runs on, with a clock of its own. */
export interface Device extends SteadyClock {
  /** Moves the wall clock. Timers do not notice. */
  jump(ms: number): void
}

/** @param drift how much faster than true time its clock runs: 0.01 is one percent */
export function createDevice(truth: FakeClock, drift: number): Device {
  const rate = 1 + drift
  let offset = truth.now()
  const elapsed = (): number => Math.floor(truth.elapsed() * rate)
  return {
    now: () => offset + elapsed(),
    elapsed,
    setTimeout: (run, ms) => truth.setTimeout(run, Math.ceil(ms / rate)),
    clearTimeout: (timer) => truth.clearTimeout(timer),
    jump(ms) {
      offset += ms
    },
  }
}
