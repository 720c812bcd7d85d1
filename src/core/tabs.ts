import type { Keeper } from './keeper.ts'
import type { Life } from './life.ts'
import { noop, sleep } from './limits.ts'
import { sameUser } from './memory.ts'
import type { Ports, Timer } from './ports.ts'
import { type Ending, type Finding, type Found, reconcile } from './reconcile.ts'
import { type Session, sameTokens } from './session.ts'
import type { Store } from './store.ts'
import type { MaybePromise, SignedOutReason } from './types.ts'
import type { Vault } from './vault.ts'

/** How often a vanished session is looked at again, and a torn one, whose writer may be slow. */
const LOOKS = 2
const TORN_LOOKS = 4
/** How long after (ms). The pause doubles each time. */
const LOOK_PAUSE = 50
/** Messages that come within this time (ms) of a look are answered by one more. */
const MERGE = 50
/** Tokens of which nothing tells whose they are are taken once in this time (ms). */
const UNKNOWN_PAUSE = 60_000

/** What a tab tells the others when it asks the server for new tokens. */
const RENEWING = 'renewing'
/** What tabs tell each other, as 0.1.0 does: an id, and what happened to that session. */
const MESSAGE = /^(\S{0,200}) (renewing|signed_out|rejected|expired|idle)?$/

/** What the tabs of one browser learn of each other: from storage, and by messages that say where to look. */
export interface Tabs {
  /**
   * Reads storage and follows what it says; at once where it is whole, else when it has been looked at often enough.
   * @param lost why it would be empty
   * @param refused the server refuses what memory has
   */
  look(lost?: SignedOutReason, refused?: boolean): MaybePromise<void>
  /** Tells the other tabs that something has changed, and what. Never a token. */
  announce(what?: string, id?: string): void
  /** Tells them that this tab asks the server for new tokens. */
  renewing(): void
  /** Calls `run` when another tab tells that it does. */
  onRenewing(run: () => void): () => void
  close(): void
}

/** What storage has of the session in memory. What it does not tell is as it was. */
const adopt = (found: Session & { readonly torn: boolean }, mine: Session): Session => {
  const { torn, ...stored } = found
  // Where the access token is not stored, or its cookie has gone, that of memory may still be good.
  const { accessToken, receivedAt, expiresAt, claims, usable } = stored.usable || torn ? stored : mine
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
    version: Math.max(torn ? 0 : stored.version, mine.version + (mine.order ? 1 : 0)),
    user: stored.user ?? mine.user,
    subject: stored.subject ?? mine.subject,
  }
}

export function createTabs(
  { clock, newId, openChannel }: Ports,
  name: string | undefined,
  lifetime: number,
  life: Life,
  store: Store<unknown>,
  keeper: Keeper,
  vault: Vault,
): Tabs {
  let takenAt = -Infinity
  const listeners = new Set<() => void>()

  /** Whether tokens of an unknown owner may be taken now. */
  const mayTake = ({ torn, usable }: Session & { readonly torn: boolean }): boolean => {
    if (!torn || usable) return true
    if (Math.abs(clock.now() - takenAt) < UNKNOWN_PAUSE) return false
    takenAt = clock.now()
    return true
  }

  const follow = (found: Found, lost: SignedOutReason, refused: boolean): MaybePromise<void> => {
    const mine = keeper.session()
    if (found && found !== 'foreign' && 'reason' in found) keeper.bury(found)
    const lapsed = !!mine && clock.now() - mine.receivedAt >= lifetime
    const finding = reconcile(mine, found, { ...keeper.memory(), refused, lapsed })
    keeper.trace({ step: 'looked', finding })
    return act[finding](found as never, mine as never, lost)
  }
  /** In another order, or by another tab's hand: written back, so that storage, too, tells what memory knows. */
  const unnumbered = ({ torn, order, version }: Session & { readonly torn: boolean }, mine: Session | null) =>
    torn || !order || (!!mine && version <= mine.version)

  const act: Record<Finding, (found: never, mine: never, lost: SignedOutReason) => MaybePromise<void>> = {
    same(found: Session | null, mine: Session | null) {
      // The same tokens, and the user as another tab has asked for it anew.
      if (found?.version && mine && found.version === mine.version && found.user && !sameUser(found.user, mine.user))
        keeper.note({ session: { ...mine, user: found.user } }, 'other_tab')
    },
    gone: (_found, _mine, lost) => keeper.end(lost, null),
    foreign: keeper.displaced,
    ended: (found: Ending) =>
      keeper.end(found.reason === 'signed_out' ? 'other_tab' : found.reason, found, { found: true }),
    over(found: Ending | Session) {
      keeper.save(true)
      return keeper.settled().then(() => {
        // Where storage does not let go of it, two tabs would tell each other for ever.
        if (keeper.memory().saved) announce('signed_out', found.id)
      })
    },
    older: () => void keeper.save(true),
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

  const look = (lost?: SignedOutReason, refused?: boolean, looks?: number): MaybePromise<void> =>
    vault.settle()?.then((settled) => (settled ? read(lost, refused, looks) : undefined)) ?? read(lost, refused, looks)

  const read = (lost: SignedOutReason = 'storage_lost', refused = false, looks = 0): MaybePromise<void> => {
    const found = life.over() ? undefined : vault.read(keeper.session())
    if (found === undefined) return
    // Cookies are written one by one, and other tabs may wake after each. What looks half written, or is not there
    // without a word, is looked at again. (WebKit may show a tab the cookies of before for some ms.)
    const torn = found && found !== 'foreign' && found.torn
    const mine = keeper.session()
    const known = torn && mine && !('reason' in found) && sameTokens(found, mine)
    const enough = torn ? known || looks >= TORN_LOOKS : found || lost !== 'storage_lost' || looks >= LOOKS
    if (enough) return follow(found, lost, refused)
    return sleep(clock, LOOK_PAUSE * 2 ** looks, life.signal()).then(() => look(lost, refused, looks + 1), noop)
  }

  let lookedAt = -Infinity
  let soon: Timer | null = null
  let hint: SignedOutReason | undefined
  /** Looks at once, or, if that was done a moment ago, once more in a moment. */
  const lookSoon = (reason: SignedOutReason | undefined) => {
    hint = reason ?? hint
    if (soon) return
    const run = () => {
      soon = null
      lookedAt = clock.now()
      const why = hint
      hint = undefined
      void look(why)
    }
    const wait = MERGE - Math.abs(clock.now() - lookedAt)
    if (wait > 0) soon = clock.setTimeout(run, wait)
    else run()
  }

  const receive = (text: string) => {
    const match = typeof text === 'string' && MESSAGE.exec(text)
    if (!match) return
    const [, id = '', what] = match
    keeper.trace({ step: 'heard', what: what ?? 'changed' })
    if (what === RENEWING) {
      keeper.note({ tried: clock.now() })
      for (const run of [...listeners]) run()
      return
    }
    const reason = what === 'signed_out' ? 'other_tab' : (what as SignedOutReason | undefined)
    // Of what one has signed out of nothing is left to look for; and storage may not have taken it.
    if (reason === 'other_tab' && id) {
      const mine = keeper.session()
      const ending = { id, order: mine?.order || 1, version: mine?.version || 1, reason: 'signed_out' } as const
      if (mine?.id === id) keeper.end(reason, ending, { found: true })
      else if (!mine) keeper.bury(ending)
    }
    const now = store.state()
    // The cookies may be seen to go before the reason is told.
    if (reason && now.status === 'unauthenticated' && now.reason === 'storage_lost') store.commit({ ...now, reason })
    lookSoon(reason)
  }
  const channel = name ? openChannel?.(name, receive) : null
  const announce = (what = '', id = keeper.session()?.id ?? '') => {
    if (life.over()) return
    keeper.trace({ step: 'announced', what: what || 'changed' })
    channel?.post(`${id} ${what}`)
  }
  return {
    look,
    announce,
    renewing: () => announce(RENEWING),
    onRenewing(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    close() {
      if (soon) clock.clearTimeout(soon)
      channel?.close()
    },
  }
}
