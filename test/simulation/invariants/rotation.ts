import type { Letter } from '../world/letter.ts'
import type { Sim, Trouble } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'
import { isAmong, talk } from './share.ts'

const EXCUSES: readonly Trouble[] = [
  'lost answer',
  'crash',
  'standstill',
  'lock',
  'storage',
  'torn write',
  'twice',
  'jump',
]

/**
 * b. No spent token. The server never sees a refresh token that has been spent, of whatever session.
 *
 * Holds where tabs share locks (or a lease in the cookies, or no session at all), until the first trouble that no client can make up for:
 * the answer to a refresh is lost, or comes later than the client waits, or never; a request is processed twice; a tab is
 * closed, disposed of, frozen, throttled or asleep in the middle of a refresh; the lock is stolen or held by others; storage
 * is changed from outside or fails; a tab stands still in the middle of a write while another one writes, so that nothing tells
 * whether it has found a renewal or a sign-in; the device's clock is moved, so that a refresh is waited for longer than the lock is; or
 * a refresh meets any trouble at all and there are no channels, for then nobody hears that the lock has another holder, who
 * needs time as well. Nor of the renewal that belongs to a sign-out which the server has refused: it ends the session either way.
 */
export function noSpentToken(sim: Sim): Watch {
  const { browser } = sim.world
  const shared = (browser.locks === 'yes' && browser.https) || browser.storage === 'memory'
  const unheard = (letter: Letter): boolean =>
    !talk(browser) &&
    sim.network.letters.some(
      (each) => each !== letter && each.target === 'refresh' && (each.mishap !== null || each.fate === 'lost'),
    )
  return {
    lost({ target, mishap }) {
      const failed = mishap === 'drop' || typeof mishap === 'number'
      if (target === 'refresh' && !failed) sim.trouble.add('lost answer')
    },
    served(letter) {
      const { entry, refreshToken, tab, target, keepalive } = letter
      if (target !== 'refresh' || keepalive || !shared || isAmong(sim.trouble, EXCUSES) || unheard(letter)) return
      const spent =
        entry?.verdict === 'reused' || entry?.verdict === 'branched' || entry?.code === 'refresh_token_already_used'
      if (spent) sim.violate('b no spent token', `${tab.name} sent ${sim.ledger.alias(refreshToken)}, which was spent`)
    },
  }
}
