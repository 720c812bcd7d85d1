import type { Keeper } from './keeper.ts'
import type { Ports } from './ports.ts'
import { endIn, reconcile } from './reconcile.ts'
import { type Session, unconfirmed } from './session.ts'
import type { SessionKind } from './types.ts'
import type { Vault } from './vault.ts'

/**
 * Takes up what storage holds. Tells whether that has to be mended: a write that was not finished, or a record of 0.1.0.
 * @param asks whether the server is to be asked where nothing is stored
 */
export function takeUp(
  { clock, newId }: Ports,
  kind: SessionKind,
  keeper: Keeper,
  vault: Vault,
  asks: () => boolean,
): boolean {
  const found = vault.read(null) ?? null
  const end = endIn(found)
  if (end) keeper.bury(end)
  const finding = reconcile(null, found, { ...keeper.memory(), refused: false, lapsed: false })
  if (finding === 'other') {
    const { torn, ...stored } = found as Session & { torn: boolean }
    // A record of 0.1.0 takes the time of its tokens for its order: the same in all tabs.
    const order = stored.id ? stored.order || Math.max(Math.floor(stored.receivedAt), 1) : 0
    keeper.restore({ ...stored, id: stored.id || newId(), order, version: stored.version || 1 })
  } else keeper.restore(!keeper.memory().over?.pending && asks() ? unconfirmed(newId(), kind, clock.now()) : null)
  return finding === 'over' || (!!found && found !== 'foreign' && (found.torn || !found.order))
}
