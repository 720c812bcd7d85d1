import { misuse } from './errors.ts'

/** A host, and perhaps a path. No user, no wildcard, nothing that is read as the end or the start of a host. */
const ORIGIN = /^https?:\/\/[^\s/\\?#@*%]+(\/[^\s\\?#@*]*)?$/i

/**
 * Throws unless every entry is an absolute http(s) URL: a list of origins that silently matches nothing, or too much,
 * is worse than none. Gives the origins alone, in a list of their own.
 */
export function checkOrigins(where: string, origins: readonly string[]): readonly string[] {
  return [origins].flat().map((entry) => {
    try {
      if (ORIGIN.test(entry)) return new URL(entry).origin
    } catch {
      // As below.
    }
    return misuse(`${where}: '${entry}' is not an origin such as 'https://api.example.com'.`)
  })
}
