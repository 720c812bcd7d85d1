import { utf8Length } from '../core/bytes.ts'
import type { Settings } from '../core/settings.ts'

export interface WeakPassword {
  readonly message: string
  readonly reasons: readonly string[]
}

/** What is wrong with a password; null if nothing. Lengths count bytes of UTF-8, as Go does. */
export function weaknessOf(password: string, policy: Settings['password']): WeakPassword | null {
  const found: { reason: string; message: string }[] = []
  if (utf8Length(password) < policy.minLength) {
    found.push({ reason: 'length', message: `Password should be at least ${policy.minLength} characters.` })
  }
  if (policy.required.some((set) => set !== '' && ![...set].some((character) => password.includes(character)))) {
    const sets = policy.required.join(', ')
    found.push({ reason: 'characters', message: `Password should contain at least one character of each: ${sets}.` })
  }
  if (policy.leaked.has(password)) {
    const message = 'Password is known to be weak and easy to guess, please choose a different one.'
    found.push({ reason: 'pwned', message })
  }
  if (found.length === 0) return null
  return { message: found.map(({ message }) => message).join(' '), reasons: found.map(({ reason }) => reason) }
}

/** What bcrypt can take. */
export function isTooLong(password: string): boolean {
  return utf8Length(password) > 72
}
