/** Own properties only: what decides where a token goes must not come from a polluted Object.prototype. */
export const own = <T extends object>(given: T | null | undefined): T => ({ __proto__: null, ...given }) as never

/** The same for single properties of what is too large to be copied for each request. */
export const ownIn =
  <T extends object>(given: T) =>
  <K extends keyof T>(key: K): T[K] | undefined =>
    Object.hasOwn(given, key) ? given[key] : undefined
