import { randomBytes } from 'node:crypto'
import type { Person } from '../../harness/types.ts'

interface Family {
  readonly person: Person
  current: string
}

/** Refresh tokens that are used once. A token used again ends the whole family: somebody has a copy. */
export function createFamilies(): {
  readonly start: (person: Person) => string
  /** The next token and whose it is; null when the token is dead, and then its family is too. */
  readonly rotate: (token: string | undefined) => { readonly person: Person; readonly next: string } | null
  readonly end: (token: string | undefined) => void
} {
  const families = new Map<string, Family>()
  const fresh = (family: Family) => {
    const token = randomBytes(24).toString('base64url')
    family.current = token
    families.set(token, family)
    return token
  }
  const end = (token = '') => {
    const family = families.get(token)
    for (const [known, of] of families) if (of === family) families.delete(known)
  }
  return {
    start: (person) => fresh({ person, current: '' }),
    rotate(token = '') {
      const family = families.get(token)
      if (family?.current === token) return { person: family.person, next: fresh(family) }
      end(token)
      return null
    },
    end,
  }
}
