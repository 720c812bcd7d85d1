/** The computer of a world of processes, and what the world knows of it. */
import { draw } from '../world/random.ts'
import type { Sim } from '../world/sim.ts'
import type { HostConfig, World } from '../world/types.ts'
import { createFileShelf, FILE, type FileShelf } from './file-shelf.ts'
import { createMachine, type Machine, plugIn } from './machine.ts'

export interface Computer {
  readonly machine: Machine
  readonly shelf: FileShelf
  readonly config: HostConfig
  /** Which of the keys seals, counted from 1, in processes that start. */
  keys: number
  /** The file was made: no further process makes it where it is missing. */
  made: boolean
  /** Which of the keys seals, counted from 1, where each process was started. It knows one more. */
  readonly known: Map<string, number>
  /** The key of its storage, by which processes name their lock. */
  lock: string
  /** How many processes have been started. */
  started: number
  /** How many helpers there were. */
  helpers: number
  /** How often the neighbour has written its own file. */
  written: number
}

/** Watches that tell late tell up to so many times later than others. */
const LATE = 20

export function createComputer(world: World, config: HostConfig, now: () => number, sim: () => Sim): Computer {
  const { seed, browser } = world
  let count = 0
  const slow = (what: string): number => (config.watch === 'late' && what.startsWith('watch') ? LATE : 1)
  let outside = false
  const machine = createMachine({
    now,
    watches: config.watch !== 'polled',
    misses: () => config.watch === 'lossy' && draw(seed, 'missed', ++count) < 0.3,
    delay: (what) => Math.floor(draw(seed, what, ++count) * (browser.delay * slow(what) + 1)),
    later: (run, ms) => void sim().truth.setTimeout(run, ms),
    draw: (what) => draw(seed, 'power', what, ++count),
    changed(path) {
      if (path === FILE) noteChange(sim(), computer, outside)
    },
  })
  const shelf = createFileShelf(machine, (run) => {
    outside = true
    try {
      run()
    } finally {
      outside = false
    }
  })
  const computer: Computer = {
    machine,
    shelf,
    config,
    keys: 1,
    made: false,
    known: new Map(),
    lock: '',
    started: 0,
    helpers: 0,
    written: 0,
  }
  return computer
}

function noteChange(sim: Sim, { shelf }: Computer, outside: boolean): void {
  const found = shelf.contents()
  const token = found instanceof Object ? found.session?.refreshToken : null
  sim.timeline.note(
    'file',
    outside ? 'is changed from outside:' : 'holds',
    found instanceof Object ? sim.ledger.alias(token) : (found ?? 'nothing'),
    found instanceof Object && found.renewing ? `(being renewed by ${found.renewing.pid})` : '',
  )
  if (outside) sim.trouble.add('storage')
  else if (token) sim.ledger.store(token)
  sim.watch.file(found, outside ? 'outside' : 'kit')
}

/** For as long as `run` takes, this is the computer that src/node runs on. */
export async function onComputer(computer: Computer | null, run: () => Promise<void>): Promise<void> {
  const back = computer && plugIn(computer.machine)
  try {
    await run()
  } finally {
    back?.()
  }
}
