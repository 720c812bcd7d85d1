import { misuse } from './errors.ts'

/**
 * Throws unless every entry is an absolute http(s) URL: a list of origins that silently matches nothing, or too much,
 * is worse than none.
 */
export function checkOrigins(where: string, origins: readonly string[]): readonly string[] {
  for (const entry of origins) {
    let valid = /^https?:\/\/[^/*]/.test(entry)
    try {
      new URL(entry)
    } catch {
      valid = false
    }
    if (!valid) misuse(`${where}: '${entry}' is not an origin such as 'https://api.example.com'.`)
  }
  return origins
}
