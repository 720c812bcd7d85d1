import type { Person } from './types.ts'

export const PASSWORDS: Readonly<Record<Person, string>> = { ada: 'correct-horse', bob: 'battery-staple' }
export const emailOf = (person: Person): string => `${person}@example.test`
