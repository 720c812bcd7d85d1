/** Own properties only: what decides where a token goes must not come from a polluted Object.prototype. */
export const own = <T extends object>(given: T | null | undefined): T => ({ __proto__: null, ...given }) as never
