/** Where the service takes the time from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  setTimeout(run: () => void, ms: number): unknown
}

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  // A timer of the service keeps no process alive.
  setTimeout: (run: () => void, ms: number) => setTimeout(run, ms).unref(),
})

/** Whole seconds since 1970, as the contract counts. */
export const seconds = (clock: Clock): number => Math.floor(clock.now() / 1000)
