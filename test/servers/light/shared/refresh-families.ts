import { randomBytes } from 'node:crypto'
import type { Person } from '../../harness/types.ts'

interface Family {
  readonly person: Person
  current: string
}

/** Both are right; without them a server makes a mistake that people make. */
export interface FamilyRules {
  /** A refresh token is used once. */
  readonly rotates?: boolean
  /** A token used again ends the whole family: somebody has a copy. */
  readonly strict?: boolean
}

export function createFamilies({ rotates = true, strict = true }: FamilyRules = {}): {
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
      if (family?.current === token) return { person: family.person, next: rotates ? fresh(family) : token }
      if (strict) end(token)
      return null
    },
    end,
  }
}
