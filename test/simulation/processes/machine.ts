/** One computer: its disk, its processes, and what the operating system does for them. */
import { posix } from 'node:path'
import type { FakeProcess } from 'keyturn/testing'
import { createDisk, type Disk, type Inode } from './disk.ts'
import type { Socket } from './net.ts'

/** A process, and where it sees the disk: `/state/ada` is `/A/state/ada` in process A, as if it were mounted there. */
export interface Seat {
  readonly name: string
  readonly pid: number
  readonly process: FakeProcess
  /** Of a process that stands still in the middle of a task: what it has done to the disk already, as it sees it. */
  readonly view: Map<string, Inode | null>
  /** What the operating system ends with the process. */
  readonly owned: Set<{ close(): void }>
}

/** Who listens at a socket. */
export interface Listener {
  readonly seat: Seat
  /** Takes a connection, and gives the other end of it. */
  readonly accept: (from: Seat) => Socket
}

export interface Machine {
  readonly disk: Disk
  /** What does not work: nothing, writing, or reading as well. */
  blocked: 'no' | 'writes' | 'all'
  /** How many more files can be written. */
  room: number
  readonly boot: (name: string, process: FakeProcess) => Seat
  /** Whose path it is, and the path on the disk. */
  readonly at: (path: string) => { readonly seat: Seat; readonly path: string }
  /** What a process finds at a path of the disk. */
  readonly find: (seat: Seat, path: string) => Inode | null
  /**
   * Something that others can notice: not done if the process ends just then; later, if it is made to stand still just then.
   * `result`: the process must know how it went, so it is made to stand still only afterwards.
   */
  readonly act: (seat: Seat, run: () => void, result?: boolean) => void
  /** The operating system tells a process something, after a while. */
  readonly tell: (seat: Seat, what: string, run: () => void) => void
  /** Calls `changed` after each change of a name in the folder. Returns the way back. */
  readonly onChange: (folder: string, changed: (name: string) => void) => () => void
  readonly now: () => number
  /** Whether changes are told at all, or the system has no more watches to give. */
  readonly watches: boolean
  /** A change that is not told. */
  readonly misses: () => boolean
  readonly isAlive: (pid: number) => boolean | undefined
  /** All processes end, and the disk has what it has. */
  readonly cutPower: () => void
}

export interface MachineOptions {
  readonly now: () => number
  readonly watches: boolean
  readonly misses: () => boolean
  /** How long a change takes to be told, and anything else. */
  readonly delay: (what: string) => number
  readonly later: (run: () => void, ms: number) => void
  readonly draw: (what: string) => number
  /** A name on the disk has changed. */
  readonly changed: (path: string) => void
}

export function createMachine({ now, watches, misses, delay, later, draw, changed }: MachineOptions): Machine {
  const seats = new Map<string, Seat>()
  const listeners = new Map<string, Set<(name: string) => void>>()
  const disk = createDisk(now, (path) => {
    for (const listener of [...(listeners.get(posix.dirname(path)) ?? [])]) listener(posix.basename(path))
    changed(path)
  })
  disk.put('/state', disk.make('folder', 0o700))
  disk.sync('/')

  const machine: Machine = {
    disk,
    blocked: 'no',
    room: Infinity,
    now,
    watches,
    misses,
    boot(name, process) {
      const seat: Seat = { name, pid: 4_001 + seats.size, process, view: new Map(), owned: new Set() }
      seats.set(name, seat)
      process.onClose(() => {
        for (const each of [...seat.owned]) each.close()
        seat.owned.clear()
      })
      return seat
    },
    at(given) {
      const [, name = '', ...rest] = given.split('/')
      const seat = seats.get(name)
      // What it would have done, had it not ended, is of no account.
      if (seat?.process.status === 'closed') throw new Error(`${name} has ended.`)
      if (!seat) throw new Error(`No process sees ${given}.`)
      return { seat, path: `/${rest.join('/')}` }
    },
    find(seat, path) {
      if (seat.process.status !== 'stalled') seat.view.clear()
      const seen = seat.view.get(path)
      return seen === undefined ? disk.find(path) : seen
    },
    act({ name, process }, run, result = false) {
      if (!result) return process.leave(run)
      process.leave(() => {})
      if (process.status === 'closed') throw new Error(`${name} has ended.`)
      run()
    },
    tell: ({ process }, what, run) => later(() => process.enter(run), delay(what)),
    onChange(folder, listener) {
      const set = listeners.get(folder) ?? new Set()
      listeners.set(folder, set.add(listener))
      return () => void set.delete(listener)
    },
    isAlive: (pid) => {
      const found = [...seats.values()].filter((seat) => seat.pid === pid)
      return found.length ? found.some(({ process }) => process.status !== 'closed') : undefined
    },
    cutPower() {
      for (const { process } of seats.values()) process.close()
      disk.cutPower(draw)
    },
  }
  return machine
}

let current: Machine | null = null

/** The computer that `fs.ts` and `net.ts` stand for. One world runs at a time. */
export function machineOfNow(): Machine {
  if (!current) throw new Error('No world of processes is running.')
  return current
}

/** Makes it that, and lets processes ask whether others are alive. Returns the way back. */
export function plugIn(machine: Machine): () => void {
  const { kill } = process
  current = machine
  process.kill = (pid, signal) => {
    const alive = machine.isAlive(pid)
    if (alive === undefined) return kill.call(process, pid, signal)
    if (!alive) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' })
    return true
  }
  return () => {
    current = null
    process.kill = kill
  }
}

/** Runs code of a process that asks for its pid, or for the time, without a port. */
export function inProcess<T>(machine: Machine, { pid }: Seat, run: () => T): T {
  const { now } = Date
  const before = Object.getOwnPropertyDescriptor(process, 'pid') as PropertyDescriptor
  Date.now = machine.now
  Object.defineProperty(process, 'pid', { ...before, value: pid })
  try {
    return run()
  } finally {
    Date.now = now
    Object.defineProperty(process, 'pid', before)
  }
}
