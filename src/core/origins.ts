import { AuthError } from './errors.ts'

/**
 * Throws unless every entry is an absolute http(s) URL: a list of origins that silently matches nothing, or too much,
 * is worse than none.
 */
export function checkOrigins(where: string, origins: readonly string[]): readonly string[] {
  for (const entry of origins) {
    if (!/^https?:\/\/[^/*]+/.test(entry) || !URL.canParse(entry))
      throw new AuthError('misconfigured', `${where}: '${entry}' is not an origin such as 'https://api.example.com'.`)
  }
  return origins
}
