import type { Keeper } from './keeper.ts'
import type { Life } from './life.ts'
import { noop } from './limits.ts'
import { withLock } from './lock.ts'
import type { Ports, Timer } from './ports.ts'
import { type Ending, outranks } from './reconcile.ts'
import type { Server } from './server.ts'
import type { SessionKind, SessionTokens, SignOutScope } from './types.ts'
import type { Vault } from './vault.ts'

/** How long (ms) whoever signs in waits for a sign-out that is being told. Longer than that may take. */
const PATIENCE = 6_000
/** Pauses (ms) between two tries to tell the server: doubling from one to the other. */
const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 300_000

const NOTHING: SessionTokens = { accessToken: null, refreshToken: null }

/**
 * Sign-outs of sessions that are in a cookie which scripts do not see: only the server can delete it. Until the server has
 * confirmed the sign-out, its end is marked as pending, and nobody is signed in whatever the cookie holds. It is told again
 * when the network is back, under a lock that the tabs share, and never while somebody is signed in.
 */
export interface Leaving {
  /** What an end says of the server: that it has not confirmed this sign-out yet. */
  pending(scope: SignOutScope): Pick<Ending, 'pending'>
  /** The server has confirmed this sign-out; or it has not, and is told again later. */
  told(ending: Ending, confirmed: boolean): void
  /**
   * Revokes tokens that nobody will use. A cookie that scripts do not see may be somebody else's by now: it is revoked only
   * if the person had signed out (`out`), and nobody is signed in.
   */
  abandon(tokens: SessionTokens, out: boolean): void
  /** Tells the server of a pending sign-out now. */
  again(): void
  /** Keeps who signs in waiting until the server has been told. */
  meanwhile(telling: Promise<unknown>): void
  stop(): void
  /** Runs what may bring somebody in. While a sign-out is being told, it waits. */
  entering<T>(run: () => Promise<T>): Promise<T>
}

export function createLeaving(
  { access, refresh }: SessionKind,
  ports: Ports,
  lockName: string | undefined,
  life: Life,
  keeper: Keeper,
  vault: Vault,
  server: Server,
): Leaving {
  const { clock } = ports
  /** A cookie that scripts do not see may hold the session. */
  const hidden = access === 'cookie' || refresh === 'cookie'
  let timer: Timer = null
  let wait = FIRST_PAUSE

  const locked = <T>(run: () => Promise<T>): Promise<T> =>
    withLock(ports, lockName && `${lockName}:leaving`, PATIENCE, life.signal(), run)
  /** The sign-out that the server has to be told of, by what storage says now. */
  const owed = (): Ending | null => {
    const found = vault.read(null)
    if (found && found !== 'foreign' && 'reason' in found) keeper.bury(found)
    const { session, over } = keeper.memory()
    const live = session?.version || (found && found !== 'foreign' && !('reason' in found))
    return !live && over?.pending ? over : null
  }

  const tell = async (): Promise<void> => {
    await vault.settle()
    const ending = owed()
    if (!ending || life.over()) return
    told(ending, await server.revoke(NOTHING, ending.pending, true))
    await keeper.settled()
  }
  const again = (): void => {
    clock.clearTimeout(timer)
    if (hidden && keeper.memory().over?.pending) locked(tell).catch(noop)
  }
  const told = (ending: Ending, confirmed: boolean): void => {
    clock.clearTimeout(timer)
    const now = hidden && !life.over() && owed()
    if (!now) return
    if (confirmed && !outranks(now, ending)) {
      wait = FIRST_PAUSE
      keeper.mark({ ...now, pending: undefined })
    } else {
      timer = clock.setTimeout(again, wait)
      wait = Math.min(wait * 2, LONGEST_PAUSE)
    }
  }

  return {
    pending: (scope) => (hidden ? { pending: scope } : {}),
    told,
    abandon(tokens, out) {
      if (!hidden) void server.revoke(tokens)
      const { session, over } = keeper.memory()
      if (!hidden || !out || session?.version || !over) return
      // Of a greater version, so that it counts more than what the server has confirmed.
      keeper.mark({ ...over, version: over.version + 1, pending: over.pending ?? 'local' })
      again()
    },
    meanwhile(telling) {
      if (hidden) locked(() => telling).catch(noop)
    },
    stop: () => clock.clearTimeout(timer),
    again,
    entering: (run) => (hidden && owed() ? locked(run) : run()),
  }
}
