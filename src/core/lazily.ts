/**
 * Makes a value at its first use. Where code runs before there is a request, as in edge runtimes, making a timer, an
 * AbortController or a random number is not allowed.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
