import { lockFolder } from '../../../src/node/lock/lock-folder.ts'
import { processLock } from '../../../src/node/lock/process-lock.ts'
import { sealedFile } from '../../../src/node/sealed/sealed-file.ts'
import { begin, last } from '../world/lasting.ts'
import type { Sim } from '../world/sim.ts'
import type { Action } from '../world/types.ts'
import type { Computer } from './computer.ts'
import { ALL_KEYS, FILE } from './file-shelf.ts'
import { inProcess, type Seat } from './machine.ts'
import { openFile } from './start.ts'

/** A program that is there beside the processes. */
const boot = (sim: Sim, { machine, helpers }: Computer): Seat =>
  machine.boot(`H${helpers}`, sim.browser.openTab().process)

/** What happens to a computer and its file. */
export function actOnComputer(
  sim: Sim,
  computer: Computer,
  action: Extract<Action, { readonly do: 'power' | 'rotate' | 'reseal' | 'damage' | 'full' | 'neighbour' }>,
): void {
  const { machine, shelf } = computer
  const { timeline, trouble } = sim
  computer.helpers++
  switch (action.do) {
    case 'power': {
      const count = Math.max(sim.open().length, 1)
      timeline.note('device', 'has no power for', action.for)
      trouble.add('crash')
      machine.cutPower()
      // The kit has told the world of nothing that is not on the disk.
      sim.ledger.lose(shelf.token('refresh'))
      sim.watch.file(shelf.contents(), 'power')
      last(sim, action.for, () => {
        timeline.note('device', 'has power again')
        for (let each = 0; each < count; each++) begin(sim)
      })
      return
    }
    case 'rotate':
      if (computer.keys >= ALL_KEYS.length) return
      // Storage is then closed to those that run.
      if (action.hasty && sim.open().some(({ name }) => computer.known.get(name) !== computer.keys))
        trouble.add('storage')
      if (!action.hasty) restartAll(sim, computer, computer.keys)
      computer.keys++
      timeline.note('outside', 'processes that start seal with key', computer.keys)
      return
    case 'reseal':
      helper(sim, computer, (file) => file.reseal())
      return
    case 'damage': {
      timeline.note('outside', 'puts a file that is', action.how)
      last(sim, action.for, shelf.swap(action.how))
      return
    }
    case 'full':
      timeline.note('outside', 'fills the disk, but for', action.after, 'files')
      trouble.add('storage')
      machine.room = action.after
      last(sim, action.for, () => {
        machine.room = Infinity
      })
      return
    case 'neighbour':
      neighbour(sim, computer)
  }
}

function helper(sim: Sim, computer: Computer, run: (file: ReturnType<typeof openFile>) => void): void {
  const seat = boot(sim, computer)
  try {
    run(openFile(computer, seat))
  } catch (error) {
    sim.timeline.note(seat.name, 'cannot start:', String(error))
    if (!sim.trouble.has('storage')) sim.violate('k the file is whole', `a program cannot use it: ${error}`)
  }
  seat.process.close()
}

/** Another account's file in the same folder: a program of its own counts in it. */
function neighbour(sim: Sim, computer: Computer): void {
  const { machine } = computer
  const seat = boot(sim, computer)
  const backend = 'https://another.example.test'
  const wrong = (what: string): void => sim.violate('k the file is whole', `the neighbour ${what}`)
  inProcess(machine, seat, () => {
    try {
      const path = `/${seat.name}/state/bob`
      const file = sealedFile({ path, keys: ALL_KEYS.slice(0, 1), profile: 'bob', backend, create: true })
      const before = file.read()?.record?.version ?? 0
      if (before !== computer.written) wrong(`wrote ${computer.written} and finds ${before}`)
      const version = before + 1
      const record = { id: 'bob', order: 1, version, backend, receivedAt: 0, expiresAt: null, skew: 0, user: null }
      file.write({ accessToken: 'bobs', refreshToken: 'bobs', record })
      computer.written = version
    } catch (error) {
      if (machine.blocked === 'no' && machine.room > 0) wrong(`cannot use its file: ${error}`)
    }
  })
  seat.process.close()
}

/** A process has the lock, and hangs. Returns the way to end it. */
export function hold(sim: Sim, computer: Computer): () => void {
  computer.helpers++
  const { name, process } = boot(sim, computer)
  const lock = processLock(lockFolder(`/${name}${FILE}`))
  const forever = (): Promise<void> => new Promise(() => {})
  lock(`keyturn:${computer.lock}`, new AbortController().signal, forever).catch((error) =>
    sim.timeline.note(name, 'cannot have the lock:', String(error)),
  )
  return process.close
}

/** What a person does at last: lets processes restart that do not know the key, and makes the file anew where it is gone. */
export function putRight(sim: Sim, computer: Computer): void {
  // No process makes anew what is missing, nor renews what it cannot note.
  const gone = !computer.machine.disk.find(FILE)
  if (gone) computer.made = false
  restartAll(sim, computer, gone ? Infinity : computer.keys - 1)
}

/** All that were started before this key was the one that sealed. */
function restartAll(sim: Sim, computer: Computer, since: number): void {
  for (const { name, fake } of sim.open()) {
    if ((computer.known.get(name) ?? 0) >= since) continue
    sim.timeline.note(name, 'is restarted')
    sim.trouble.add('crash')
    if (fake.process.status === 'stalled') sim.trouble.add('lost write')
    fake.process.close()
    begin(sim)
  }
}
