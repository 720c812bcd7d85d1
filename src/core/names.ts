import type { Page } from './ports.ts'
import type { AuthOptions } from './types.ts'

/**
 * The names of the back end, the present one first: `backendName`; else the domain that the storage is shared with; else
 * the origin of `baseUrl`, which may be relative to the page. Empty where none can be told: nothing is foreign then.
 */
export function namesOf<User, Credentials>(
  { backend, storage, backendName, formerly = [] }: AuthOptions<User, Credentials>,
  page: Page | null,
): readonly string[] {
  const origin = () => {
    try {
      return new URL(backend.baseUrl ?? '', page?.href()).origin
    } catch {
      return null
    }
  }
  const name = backendName ?? storage.domain ?? origin()
  return name === null ? [] : [name, ...formerly]
}
