/** Mixes numbers and words into 32 bits (FNV-1a, then the finish of MurmurHash3). */
export function mix(...parts: readonly (number | string)[]): number {
  let hash = 0x811c9dc5
  for (const char of parts.join('|')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * One number from 0 (inclusive) to 1 (exclusive) for each name. What is drawn does not depend on what was drawn before,
 * so that a world from which a step is taken out stays the same elsewhere.
 */
export const draw = (...name: readonly (number | string)[]): number => mix(...name) / 2 ** 32

/** A stream of such numbers. */
export function stream(...name: readonly (number | string)[]): () => number {
  let state = mix(...name)
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let value = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
    return ((value ^ (value >>> 16)) >>> 0) / 2 ** 32
  }
}
