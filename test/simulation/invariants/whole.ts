import type { AuthEvents } from 'keyturn'
import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'

/**
 * k. The file is whole (processes only). Whatever the kit does, and whoever is killed in the middle of it, also by a power
 * cut: the file opens, and is private; a process can start with it; and a file of another account in the same folder holds
 * what its own program has written. What a process has told that it signed in to, renewed or signed out of is in the file
 * even after a power cut. When faults have stopped, whoever has renewed the session has saved it.
 * And no write puts what is older in the place of what is newer, unless a process stood still after its last look.
 *
 * Not while somebody else has put something in its place; and what was told is not asked for once somebody has changed the
 * file, or it could not be written.
 */
export function fileIsWhole(sim: Sim): Watch {
  const { shelf, trouble } = sim
  const complain = (message: string): void => sim.violate('k the file is whole', message)
  let harmed = false
  let told: Age = [0, 0]
  let last: Age = [0, 0]
  const stalls = sim.world.steps.some((step) => step.do === 'stall')
  const held = (): Age => {
    const { order = 0, version = 0 } = shelf.peek()?.record ?? {}
    return [order, version]
  }
  return {
    event({ fake }, name, payload) {
      // Who stands still in the middle of a write has told nobody yet.
      if (fake.process.status !== 'running') return
      const { by, reason } = payload as Partial<AuthEvents['refreshed'] & AuthEvents['signed_out']>
      const own = name === 'signed_out' ? reason === 'signed_out' : name === 'refreshed' || name === 'signed_in'
      if (sim.computer && own && (by ?? 'this_tab') === 'this_tab') told = held()
    },
    calm() {
      const { id, version = 0 } = shelf.peek()?.record ?? {}
      for (const { name, auth } of sim.computer ? sim.open() : []) {
        const mine = auth.inspect()
        if (auth.getState().status === 'authenticated' && (mine.sessionId !== id || mine.version > version))
          complain(`${name} has ${mine.sessionId}/${mine.version}, and the file holds ${id}/${version}`)
      }
    },
    file(found, by) {
      const before = last
      if (typeof found !== 'string') last = held()
      if (by === 'kit' && isOlder(last, before)) {
        if (!stalls) complain(`${last.join('/')} was written over ${before.join('/')}`)
        // Nor is what it has gone over there after a power cut.
        told = last
      }
      if (by === 'outside') {
        harmed = typeof found === 'string'
        return
      }
      if (typeof found === 'string' && !harmed) complain(`the file is ${found}`)
      if (!found && sim.computer?.made && !trouble.has('storage')) complain('the file is gone')
      if (by !== 'power' || trouble.has('storage')) return
      if (isOlder(held(), told))
        complain(`after a power cut it holds ${held().join('/')}, and ${told.join('/')} was told`)
    },
  }
}

type Age = readonly [order: number, version: number]
const isOlder = ([order, version]: Age, [other, others]: Age): boolean =>
  order < other || (order === other && version < others)
