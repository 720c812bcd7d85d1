/** Who a session belongs to: a text, or an integer up to 2^53−1. `7` and `'7'` are the same user. */
export type UserId = string | number

/** What a caller keeps with a session: a flat or shallow JSON object. The service never reads it. */
export type Metadata = Readonly<Record<string, unknown>>

/** A session as stores keep it. All times are whole seconds since 1970. */
export interface Session {
  /** The random part of its id. Without the signature it opens nothing, so it also serves as a handle in lists. */
  readonly handle: string
  readonly userId: UserId
  readonly createdAt: number
  /** When it ends unless it is extended: not live from this second on. */
  readonly expiresAt: number
  /** When it ends however often it is extended. */
  readonly endsAt: number
  readonly metadata: Metadata | null
}

/** How long sessions live, in seconds. */
export interface Lifetimes {
  /** How long a session lives without being extended. */
  readonly ttl: number
  /** How long a session lives at most, from its creation. */
  readonly maxLifetime: number
  /** How much of `ttl` must have passed before an extension is written: what comes earlier changes nothing. */
  readonly extendFrom: number
}

export const isLive = (session: Session, now: number): boolean => now < session.expiresAt
