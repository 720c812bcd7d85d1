import type { Keeper } from './keeper.ts'
import type { Life } from './life.ts'
import { noop } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports, Timer } from './ports.ts'
import { type Ending, endIn, outranks, sessionIn } from './reconcile.ts'
import type { Server } from './server.ts'
import { isHidden, NO_TOKENS, otherPerson, type Session } from './session.ts'
import type { SessionKind, SessionTokens, TokenAnswer } from './types.ts'
import type { Vault } from './vault.ts'

/** How long (ms) whoever signs in waits for a sign-out that is being told, or for a renewal. */
const PATIENCE = 6_000
/** Pauses (ms) between two tries to tell the server: doubling from one to the other. */
const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 300_000
/** With this pause (ms) a lock was asked for so often in vain that there is none. */
const HOPELESS = 60_000

/**
 * Sign-outs of sessions that are in a cookie which scripts do not see: only the server can delete it. Until the server has
 * confirmed the sign-out, its end is marked as pending, and nobody is signed in whatever the cookie holds. It is told again
 * when the network is back, under the lock of renewals, and never while somebody is signed in.
 */
export interface Leaving {
  /** A cookie that scripts do not see may hold the session. */
  readonly hidden: boolean
  /** The server has confirmed this sign-out; or it has not, and is told again later. */
  told(ending: Ending, confirmed: boolean): void
  /**
   * Revokes tokens that nobody will use. A cookie that scripts do not see may be somebody else's by now: it is revoked only
   * if somebody has signed out, and as long as nobody is signed in.
   */
  abandon(tokens: SessionTokens): void
  /**
   * Revokes what the renewal of a session has got too late. What may belong to the current session, under another id, is left
   * alone.
   */
  drop(answer: TokenAnswer, renewed: Session): void
  /** Tells the server of a pending sign-out now. */
  again(): void
  /** Keeps who signs in waiting until the server has been told. */
  meanwhile(telling: Promise<unknown>): void
  stop(): void
  /** Runs a sign-in. The cookie counts that is set last: it waits for a sign-out that is being told, and for a renewal. */
  entering<T>(run: () => Promise<T>): Promise<T>
}

export type Ended = SessionTokens & { readonly expiresAt: number | null }

/** Adds a session to those that a sign-out ends, if it is another one. */
export function gather(ended: Ended[], one: Session | null): void {
  // A record alone tells of no other session than the tokens that this tab keeps to itself.
  const bare = one && !one.accessToken && !one.refreshToken
  const known =
    (bare && ended.length > 0) ||
    ended.some(({ accessToken, refreshToken }) =>
      refreshToken ? refreshToken === one?.refreshToken : accessToken === one?.accessToken,
    )
  if (one && !known) ended.push(one)
}

export function createLeaving(
  kind: SessionKind,
  ports: Ports,
  lockName: string | undefined,
  life: Life,
  keeper: Keeper,
  vault: Vault,
  server: Server,
): Leaving {
  const { clock } = ports
  const hidden = isHidden(kind)
  let timer: Timer = null
  let wait = FIRST_PAUSE

  /** One after the other: in all tabs where there is a lock, else in this one. */
  let line: Promise<unknown> = Promise.resolve()
  const locked = <T>(run: () => Promise<T>, held = noop): Promise<T> => {
    if (ports.lock && lockName) return withLock(ports, lockName, PATIENCE, life.signal(), run, { held, denied: held })
    const done = line.then(run)
    line = done.catch(noop)
    return done
  }
  /** The sign-out that the server has to be told of, by what storage says now. */
  const owed = (): Ending | null => {
    const found = vault.read(null)
    const end = endIn(found)
    if (end) keeper.bury(end)
    const { session, over } = keeper.memory()
    return !session?.version && !sessionIn(found) && over?.pending ? over : null
  }

  const tell = async (): Promise<void> => {
    await vault.settle()
    const ending = owed()
    if (!ending || life.over()) return
    told(ending, await server.revoke(NO_TOKENS, ending.pending, true))
    await keeper.settled()
  }
  const again = (): void => {
    clock.clearTimeout(timer)
    if (!hidden || !keeper.memory().over?.pending) return
    let alone = !ports.lock || !lockName || wait > HOPELESS
    const held = () => {
      alone = true
    }
    // Whoever has the lock may be signing in: that is not the time.
    locked(async () => (alone ? tell() : later()), held).catch(noop)
  }
  const later = (): void => {
    timer = clock.setTimeout(again, wait)
    wait = Math.min(wait * 2, LONGEST_PAUSE)
  }
  const told = (ending: Ending, confirmed: boolean): void => {
    clock.clearTimeout(timer)
    const now = hidden && !life.over() && owed()
    if (!now) return
    if (confirmed && !outranks(now, ending)) {
      wait = FIRST_PAUSE
      keeper.mark({ ...now, pending: undefined })
    } else later()
  }

  const abandon = (tokens: SessionTokens): void => {
    if (!hidden) return void server.revoke(tokens)
    const { session, over } = keeper.memory()
    if (session?.version || !over) return
    // Of a greater version than any mark of before, so that it counts more than what the server has confirmed, to any tab.
    const version = Math.max(over.version + 1, Math.floor(clock.now()))
    keeper.mark({ ...over, version, pending: over.pending ?? 'local' })
    again()
  }

  return {
    hidden,
    told,
    abandon,
    drop({ accessToken = null, refreshToken = null }, { id }) {
      const { session, over } = keeper.memory()
      const subject = accessToken ? ports.readToken(accessToken).subject : null
      const out = !!over && over.reason !== 'rejected' && (over.id === id || !session)
      const ended = out || (!!session && otherPerson(session.subject, subject))
      if (ended && !life.over()) abandon({ accessToken, refreshToken })
    },
    meanwhile(telling) {
      if (hidden) locked(() => telling).catch(noop)
    },
    stop: () => clock.clearTimeout(timer),
    again,
    entering: (run) => (hidden ? locked(run) : run()),
  }
}
