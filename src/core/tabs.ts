import type { Keeper } from './keeper.ts'
import type { Life } from './life.ts'
import { noop, sleep } from './limits.ts'
import { sameUser } from './memory.ts'
import type { Messages } from './messages.ts'
import type { Ports } from './ports.ts'
import { type Ending, endIn, type Finding, type Found, reasonOf, reconcile, sessionIn } from './reconcile.ts'
import { isExpired, otherPerson, type Session, sameTokens } from './session.ts'
import type { MaybePromise, SessionKind, SignedOutReason } from './types.ts'
import type { Vault } from './vault.ts'

/** How often a vanished session is looked at again, and a torn one, whose writer may be slow. */
const LOOKS = 2
const TORN_LOOKS = 4
/** How long after (ms). The pause doubles each time. */
const LOOK_PAUSE = 50
/** A write of another tab takes less than this (ms). */
export const MEND_AFTER = 1_000
/** Tokens of which nothing tells whose they are are taken once in this time (ms). */
const UNKNOWN_PAUSE = 60_000

/** What the tabs of one browser learn of each other: from storage, and by messages that say where to look. */
export interface Tabs {
  /**
   * Reads storage and follows what it says; at once where it is whole, else when it has been looked at often enough.
   * @param lost why it would be empty
   * @param refused the server refuses what memory has
   * @param looks how often it was looked at before; Infinity: what is there now counts
   */
  look(lost?: SignedOutReason, refused?: boolean, looks?: number): MaybePromise<void>
}

/** What storage has of the session in memory. What it does not tell is as it was. */
const adopt = (found: Session & { readonly torn: boolean }, mine: Session): Session => {
  const { torn, ...stored } = found
  const other = otherPerson(stored.subject, mine.subject)
  // Where the access token is not stored, or its cookie has gone, that of memory may still be good; not another person's.
  const kept = !stored.usable && !torn && !other
  const { accessToken, receivedAt, expiresAt, claims, usable } = kept ? mine : stored
  return {
    ...stored,
    accessToken,
    receivedAt,
    expiresAt,
    claims,
    usable,
    id: (!mine.order && stored.id) || mine.id,
    order: stored.order || mine.order,
    // Whoever takes other tokens raises the version.
    version: Math.max(torn ? 1 : stored.version, mine.version + (mine.order ? 1 : 0), 1),
    user: stored.user ?? (other ? null : mine.user),
    subject: stored.subject ?? mine.subject,
  }
}

export function createTabs(
  { clock, newId }: Ports,
  kind: SessionKind,
  lifetime: number,
  life: Life,
  keeper: Keeper,
  vault: Vault,
  announce: Messages['announce'],
): Tabs {
  const born = clock.now()
  let takenAt = -Infinity

  /** Whether tokens of an unknown owner may be taken now. */
  const mayTake = ({ torn, usable }: Session & { readonly torn: boolean }): boolean => {
    if (!torn || usable) return true
    if (Math.abs(clock.now() - takenAt) < UNKNOWN_PAUSE) return false
    takenAt = clock.now()
    return true
  }

  const follow = (found: Found, lost: SignedOutReason, refused: boolean): MaybePromise<void> => {
    const mine = keeper.session()
    const lapsed = !!mine && clock.now() - mine.receivedAt >= lifetime
    const finding = reconcile(mine, found, { ...keeper.memory(), refused, lapsed })
    const end = endIn(found)
    if (end) keeper.bury(end)
    keeper.trace({ step: 'looked', finding })
    return act[finding](found as never, mine as never, lost)
  }
  /** In another order, or by another tab's hand: written back, so that storage, too, tells what memory knows. */
  const unnumbered = ({ torn, order, version }: Session & { readonly torn: boolean }, mine: Session | null) =>
    torn || !order || (!!mine && version <= mine.version)

  const act: Record<Finding, (found: never, mine: never, lost: SignedOutReason) => MaybePromise<void>> = {
    same(found: (Session & { readonly torn: boolean }) | null, mine: Session | null) {
      // The same tokens, and the user as another tab has asked for it anew: it may be another person.
      if (!mine || !found?.user || found.torn || found.id !== mine.id || found.version !== mine.version) return
      if (sameUser(found.user, mine.user)) return
      const { user, subject } = found
      keeper.note({ session: { ...mine, user, subject: subject ?? mine.subject } }, 'other_tab')
    },
    gone(_found, mine: Session, lost) {
      // What has run out no storage keeps. What renews itself can do so only until then.
      const lasting = mine.renewable && kind.refresh !== 'access'
      const ranOut = lost === 'storage_lost' && !lasting && isExpired(mine, clock.now())
      keeper.end(ranOut ? 'expired' : lost, null)
    },
    foreign: keeper.displaced,
    ended: (found: Ending) => keeper.end(reasonOf(found), found, { found: true }),
    over(found: Ending | Session) {
      keeper.save(true)
      const why = keeper.memory().over?.reason
      return keeper.settled().then(() => {
        // Where storage does not let go of it, two tabs would tell each other for ever.
        if (keeper.memory().saved) announce(why, found.id)
      })
    },
    older(found: Found, mine: Session) {
      // Nor is it written: where cookies tell of each write, that would have no end.
      const there = sessionIn(found)
      const rest = there && !there.usable && !there.renewable && there.refreshToken === mine.refreshToken
      if ((!mine.renewable || rest) && isExpired(mine, clock.now())) return
      // What has no name yet, or was taken up half written, may be whole in a moment, by the tab that is writing it.
      const half = !mine.order || there?.torn
      if (!half || clock.now() - born >= MEND_AFTER) keeper.save(true)
    },
    newer(found: Session & { readonly torn: boolean }, mine: Session) {
      if (!mayTake(found)) return
      keeper.renew(adopt(found, mine), 'other_tab')
      if (unnumbered(found, mine)) keeper.save()
    },
    other(found: Session & { readonly torn: boolean }) {
      if (!mayTake(found)) return
      const { torn, ...stored } = found
      const order = stored.order || keeper.nextOrder(null)
      keeper.signIn({ ...stored, id: stored.id || newId(), order, version: stored.version || 1 }, 'other_tab')
      if (unnumbered(found, null) && stored.usable) keeper.save()
    },
  }

  const look: Tabs['look'] = (lost, refused, looks) =>
    vault.settle()?.then((settled) => (settled ? read(lost, refused, looks) : undefined)) ?? read(lost, refused, looks)

  const read = (lost: SignedOutReason = 'storage_lost', refused = false, looks = 0): MaybePromise<void> => {
    const found = life.over() ? undefined : vault.read(keeper.session())
    if (found === undefined) return
    // Cookies are written one by one, and other tabs may wake after each. What looks half written, or is not there
    // without a word, is looked at again. (WebKit may show a tab the cookies of before for some ms.)
    const torn = found && found !== 'foreign' && found.torn
    const mine = keeper.session()
    const known = torn && mine?.version && !('reason' in found) && sameTokens(found, mine)
    const missed = !found && mine?.version !== 0 && lost === 'storage_lost'
    const enough = torn ? known || looks >= TORN_LOOKS : !missed || looks >= LOOKS
    if (enough) return follow(found, lost, refused)
    return sleep(clock, LOOK_PAUSE * 2 ** looks, life.signal()).then(() => look(lost, refused, looks + 1), noop)
  }

  return { look }
}
