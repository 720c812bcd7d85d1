/** What storage says, compared with memory. Pure: a table, tested row by row. */
import { otherPerson, type Session } from './session.ts'
import type { SessionTokens, SignedOutReason, SignOutScope } from './types.ts'

/** The end of a session. It stays where the session was, so that a late tab does not bring that back. */
export interface Ending {
  readonly id: string
  readonly order: number
  /** Up to which version the session is over. */
  readonly version: number
  readonly reason: SignedOutReason
  /** The server has not confirmed the sign-out of a session that only it can end. */
  readonly pending?: SignOutScope | undefined
}

/**
 * What storage holds: nothing; a session of another back end; an end; or a session. `torn`: the tokens are not those that
 * the record was written with, or there is no record.
 */
export type Found = null | 'foreign' | (Ending & { readonly torn: boolean }) | (Session & { readonly torn: boolean })

/** The end that was found, or the session; null: there is none, or it is another back end's. */
export const endIn = (found: Found | undefined): (Ending & { readonly torn: boolean }) | null =>
  found && found !== 'foreign' && 'reason' in found ? found : null
export const sessionIn = (found: Found | undefined): (Session & { readonly torn: boolean }) | null =>
  found && found !== 'foreign' && !('reason' in found) ? found : null

export interface Knowledge {
  /** The last end that this tab knows of. */
  readonly over: Ending | null
  /** Storage took what memory holds. */
  readonly saved: boolean
  /** The server refuses what memory holds. */
  readonly refused: boolean
  /** What memory holds was written so long ago that storage has dropped it of itself. */
  readonly lapsed: boolean
}

/**
 * - `same`: nothing new, or nothing to be believed.
 * - `gone`: the session in memory is no longer stored.
 * - `foreign`: another back end's app has written over it.
 * - `ended`: it was ended elsewhere.
 * - `over`: what ended was written back by a tab that did not know yet, or was never deleted.
 * - `older`: storage is behind memory, or did not take what memory holds.
 * - `newer`: the session in memory has other tokens.
 * - `other`: another session.
 */
export type Finding = 'same' | 'gone' | 'foreign' | 'ended' | 'over' | 'older' | 'newer' | 'other'

/** The order of an end that only a message told of, to a tab where nobody was. */
export const HEARSAY = 1

/** By what somebody signed out, as opposed to what the server, or the clock, did. */
const signOut = ({ reason }: { readonly reason?: SignedOutReason }): boolean =>
  reason === 'signed_out' || reason === 'idle'

/** The reason that a tab gives for an end which it was told of. */
export const reasonOf = ({ reason }: Ending): SignedOutReason => (reason === 'signed_out' ? 'other_tab' : reason)

/** Whether somebody signed out after a sign-in had begun, when `begun` was the last order. */
export function isSignOut(found: Found | undefined, begun: number): boolean {
  const end = endIn(found)
  return !!end && signOut(end) && end.order > begun
}

/** A session, or an end. */
export type Ranked = Pick<Ending, 'id' | 'order' | 'version'> & Partial<Pick<Ending, 'reason' | 'pending'>>

const rank = (one: Ranked) => [one.order, signOut(one), one.id, one.version, 'reason' in one, !one.pending] as const

/**
 * Whether one is the later one. On a tie a sign-out wins, then the greater id, then the greater version, then an end, then one
 * that the server has confirmed.
 */
export function outranks(one: Ranked, other: Ranked): boolean {
  const [mine, theirs] = [rank(one), rank(other)]
  const at = mine.findIndex((part, index) => part !== theirs[index])
  return at >= 0 && (mine[at] as number) > (theirs[at] as number)
}

/** Whether what is stored has a token that differs. One that is missing does not. */
const differ = (stored: SessionTokens, mine: SessionTokens): boolean =>
  (['accessToken', 'refreshToken'] as const).some((name) => !!stored[name] && stored[name] !== mine[name])

/** Whether somebody signed out of it. Nothing brings back what has that id, in whatever order. */
const isOver = (session: Session, { id, reason }: Ending): boolean => session.id === id && signOut({ reason })

/** Whether there is nothing to go on with: a refresh token that this kind of session has no use for is none. */
const isEmpty = ({ usable, renewable }: Session): boolean => !usable && !renewable

/** Whether tokens are of one session: by the refresh token; by the access token where there is no other. */
const alike = (stored: SessionTokens, mine: SessionTokens): boolean =>
  mine.refreshToken ? stored.refreshToken === mine.refreshToken : stored.accessToken === mine.accessToken

/** Whether a torn session is another person's, or may be: a token that tells of nobody has taken the place of the record's. */
const mayBeAnothers = ({ id, usable, subject }: Session, mine: Session): boolean =>
  otherPerson(subject, mine.subject) || (!!id && usable && !(subject && subject === mine.subject))

export function reconcile(mine: Session | null, found: Found, known: Knowledge): Finding {
  const { over, saved, refused, lapsed } = known
  if (mine && !mine.version) {
    // The server is being asked whether there is a session: what storage tells meanwhile, it tells sooner.
    const end = endIn(found)
    const finding = end && (!over || outranks(end, over)) ? 'ended' : reconcile(null, found, known)
    return finding === 'other' ? 'newer' : finding
  }
  if (!found) return !mine ? 'same' : lapsed || !saved ? 'older' : 'gone'
  if (found === 'foreign') return mine && saved ? 'foreign' : 'same'
  if ('reason' in found) {
    if (mine) return outranks(found, mine) || isOver(mine, found) ? 'ended' : 'older'
    return found.torn ? 'over' : 'same'
  }
  // A record alone: its tokens were lost. A sign-out leaves an end, and a person who deletes cookies deletes them all.
  if (isEmpty(found)) return !mine ? 'same' : found.id !== mine.id && outranks(found, mine) ? 'gone' : 'older'
  // A record of 0.1.0 has no order: its id tells, or it is the next sign-in. Tokens without a record tell nothing: they are what
  // ended last left, unless only a message told of that.
  const left = found.id ? found.id === over?.id : (over?.order ?? 0) > HEARSAY
  const ended = over && (found.order && !isOver(found, over) ? !outranks(found, over) : left)
  if (!mine) return ended ? 'over' : 'other'
  const other = differ(found, mine)
  // The token of memory, now with a name to it, is the same session: what is under way for it still counts.
  if (!mine.order && found.order && !found.torn && alike(found, mine)) return 'newer'
  if (found.torn && !other) return 'older'
  if (found.torn && !saved && !refused) return 'same'
  if (found.torn) return mayBeAnothers(found, mine) ? 'other' : 'newer'
  const same = found.id === mine.id
  if (found.order ? outranks(found, mine) : !ended && (!same || (other && saved))) return same ? 'newer' : 'other'
  // Renewed by two tabs at once: storage decides for both.
  if (same && other && (refused || found.version === mine.version)) return 'newer'
  // A sign-out deletes the refresh token last; where it alone is gone, it was evicted.
  const lacks = !found.refreshToken && !!mine.refreshToken
  return lacks || !found.order || outranks(mine, found) ? 'older' : 'same'
}
