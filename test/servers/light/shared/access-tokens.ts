import { randomBytes, randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { people } from '../../harness/people.ts'
import type { Person } from '../../harness/types.ts'

/** Makes and checks access tokens that live for `life` seconds. */
export function createAccessTokens(life: number): {
  readonly make: (person: Person) => Promise<string>
  /** Whose it is; null for a token that has expired, was tampered with, or is none. */
  readonly read: (token: string | undefined) => Promise<Person | null>
} {
  const key = randomBytes(32)
  return {
    make: ({ email, name }) =>
      new SignJWT({ email, name })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(name.toLowerCase())
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${life}s`)
        .sign(key),
    async read(token) {
      try {
        const { payload } = await jwtVerify(token ?? '', key)
        return people.find(({ email }) => email === payload.email) ?? null
      } catch {
        return null
      }
    },
  }
}

/** The person of a sign-in; null when the password is wrong. */
export const checkPassword = (email: unknown, password: unknown): Person | null =>
  people.find((person) => person.email === email && person.password === password) ?? null

/** What a server tells of a person. */
export const profile = ({ email, name }: Person): Readonly<Record<string, string>> => ({
  id: name.toLowerCase(),
  email,
  name,
})
