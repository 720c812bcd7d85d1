import type { Contents } from '../processes/file-shelf.ts'
import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'

/**
 * l. A renewal is noted (processes only). When a refresh leaves a process, the file holds the tokens that it is sent with,
 * and says that this process renews them: so nothing is rotated that could not be saved, and whoever comes after a process
 * that was killed knows. When new tokens are saved, no note is left. Not asked where a process may stand still in the middle of a
 * task: after its last look others write (see whole.ts), and between note and request the file may be changed, too. Who is signing out may renew what is stored no more, to be
 * able to.
 *
 * Of processes that share no lock, the last to note it is the one that the file names.
 */
export function renewalIsNoted(sim: Sim): Watch {
  const { computer, ledger } = sim
  const complain = (message: string): void => sim.violate('l a renewal is noted', message)
  let last: Contents | null = null
  const stalls = sim.world.steps.some((step) => step.do === 'stall')
  return {
    sent({ tab, target, refreshToken }) {
      if (!computer || stalls || target !== 'refresh' || !tab.auth.inspect().refreshing) return
      const found = computer.shelf.contents()
      if (!(found instanceof Object)) return complain(`${tab.name} renews what is in no file: it is ${found ?? 'gone'}`)
      const { pid } = computer.machine.at(`/${tab.name}`).seat
      const alone = sim.world.browser.locks === 'yes' && !sim.trouble.has('lock') && !sim.trouble.has('standstill')
      const named = alone ? found.renewing?.pid === pid : !!found.renewing
      if (!named) complain(`${tab.name} renews, and the file does not say so`)
      const stored = found.session?.refreshToken ?? null
      if (stored !== refreshToken)
        complain(`${tab.name} renews ${ledger.alias(refreshToken)}, and the file holds ${ledger.alias(stored)}`)
    },
    file(found, by) {
      if (!(found instanceof Object)) return
      const changed = found.session?.accessToken !== last?.session?.accessToken
      if (by === 'kit' && changed && found.renewing && !stalls) complain('new tokens are saved, and the note is left')
      last = found
    },
  }
}
