/** Whether any of `wanted` is in the set. */
export const isAmong = <T>(set: ReadonlySet<T>, wanted: readonly T[]): boolean => wanted.some((each) => set.has(each))
