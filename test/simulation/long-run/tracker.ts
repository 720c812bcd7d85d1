/** Counts objects as they come and go, without holding them. */
export interface Tracker {
  /** Returns the object. */
  readonly track: <T extends object>(kind: string, object: T) => T
  /** How many of each kind there were. */
  readonly made: () => Readonly<Record<string, number>>
  /** How many of each kind have not been collected. */
  readonly alive: () => Readonly<Record<string, number>>
}

export function createTracker(): Tracker {
  const made: Record<string, number> = {}
  const alive: Record<string, number> = {}
  const registry = new FinalizationRegistry<string>((kind) => {
    alive[kind] = (alive[kind] ?? 0) - 1
  })
  return {
    track(kind, object) {
      made[kind] = (made[kind] ?? 0) + 1
      alive[kind] = (alive[kind] ?? 0) + 1
      registry.register(object, kind)
      return object
    },
    made: () => ({ ...made }),
    alive: () => ({ ...alive }),
  }
}
