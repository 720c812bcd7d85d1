import type { Sim } from '../world/sim.ts'
import type { SimTab } from '../world/tab.ts'
import type { Watch } from '../world/watch.ts'

/**
 * i. Silent after `dispose()`. From its return on, a disposed engine sets no timer, asks for no lock, posts no message,
 * starts no write, sends no request of its own and puts its token on none of the app's; and afterwards it holds no timer,
 * channel or wake listener, no lock and no place in the line for one.
 *
 * What had begun before may still end: a lock is given back, a write that an asynchronous storage has accepted goes on.
 */
export function silentAfterDispose(sim: Sim): Watch {
  const complain = (tab: SimTab, what: string): void =>
    sim.violate('i silent after dispose', `${tab.name} ${what} after dispose()`)
  const check = (): void => {
    for (const tab of sim.tabs) {
      if (!tab.disposed || tab.fake.process.status !== 'running') continue
      const held = Object.entries(tab.fake.held()).filter(([, count]) => count > 0)
      if (held.length) complain(tab, `still holds ${held.map(([what, count]) => `${count} ${what}`).join(', ')}`)
      if (tab.locks) complain(tab, 'still holds a lock')
    }
  }
  return {
    effect(tab, what) {
      if (tab.disposed) complain(tab, what)
    },
    sent({ tab, errand, bearer, target }) {
      if (tab.disposed && (!errand || bearer)) complain(tab, `sends ${errand ? 'its token' : `a request (${target})`}`)
    },
    over() {
      check()
      if (sim.browser.lockCount()) sim.violate('i silent after dispose', `${sim.browser.lockCount()} locks are left`)
    },
  }
}
