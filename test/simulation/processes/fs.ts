/** Stands in for `node:fs` in src/node, as far as that uses it. A path tells which process calls: see machine.ts. */
import { posix } from 'node:path'
import type { Inode } from './disk.ts'
import { machineOfNow, type Seat } from './machine.ts'

interface Open {
  readonly seat: Seat
  readonly path: string
  readonly inode: Inode
  close(): void
}

const opened = new Map<number, Open>()
let numbers = 100

const fail = (code: string, path: string): never => {
  throw Object.assign(new Error(`${code}: ${path}`), { code })
}
const look = (given: string) => {
  const machine = machineOfNow()
  const { seat, path } = machine.at(given)
  return { machine, seat, path, inode: machine.find(seat, path) }
}
const found = (given: string): Inode => look(given).inode ?? fail('ENOENT', given)
const openOf = (file: number): Open => opened.get(file) ?? fail('EBADF', String(file))

export function openSync(given: string, flags: string, mode = 0o666): number {
  const { machine, seat, path, inode } = look(given)
  const writes = flags === 'wx'
  if (machine.blocked === 'all' || (writes && machine.blocked === 'writes')) fail(writes ? 'ENOSPC' : 'EACCES', given)
  if (writes && inode) fail('EEXIST', given)
  if (writes && --machine.room < 0) fail('ENOSPC', given)
  const file = inode ?? (writes ? machine.disk.make('file', mode) : fail('ENOENT', given))
  if (writes) machine.act(seat, () => machine.disk.put(path, file), true)
  const number = ++numbers
  const entry: Open = { seat, path, inode: file, close: () => void opened.delete(number) }
  opened.set(number, entry)
  seat.owned.add(entry)
  return number
}

export function closeSync(file: number): void {
  const entry = openOf(file)
  entry.seat.owned.delete(entry)
  entry.close()
}

/** Takes half of it at the first call: whoever ends in between leaves a torn file. */
export function writeSync(file: number, bytes: Uint8Array, from: number): number {
  const { seat, inode } = openOf(file)
  const count = from ? bytes.length - from : Math.ceil(bytes.length / 2)
  const part = Buffer.from(bytes.subarray(from, from + count)).toString('latin1')
  const machine = machineOfNow()
  machine.act(
    seat,
    () => {
      inode.text += part
      inode.changedAt = machine.now()
    },
    true,
  )
  return count
}

export function fsyncSync(file: number): void {
  const { seat, path, inode } = openOf(file)
  const machine = machineOfNow()
  machine.act(seat, () => {
    if (inode.kind === 'folder') machine.disk.sync(path)
    else inode.synced = inode.text
  })
}

export const readFileSync = (file: number): string => openOf(file).inode.text

const OWNER = process.getuid?.() ?? 0
const statOf = ({ kind, mode, number, changedAt }: Inode) => ({
  mode,
  ino: number,
  // One owner for all, so that nothing is handed over.
  uid: OWNER,
  gid: 0,
  mtimeMs: changedAt,
  isDirectory: () => kind === 'folder',
})
export const fstatSync = (file: number) => statOf(openOf(file).inode)
export const statSync = (path: string) => statOf(found(path))
export const lstatSync = (path: string) => statOf(found(path))
export const fchownSync = (): void => {}
export const chownSync = (): void => {}
export const chmodSync = (path: string, mode: number): void => {
  found(path).mode = mode
}
export const existsSync = (path: string): boolean => !!look(path).inode
export const realpathSync = (path: string): string => {
  found(path)
  return path
}

export function mkdirSync(given: string, { mode }: { readonly mode: number }): void {
  const { machine, seat, path, inode } = look(given)
  if (inode) fail('EEXIST', given)
  machine.act(seat, () => machine.disk.put(path, machine.disk.make('folder', mode)), true)
}

export function linkSync(from: string, to: string): void {
  const { machine, seat, path, inode } = look(to)
  const source = found(from)
  if (inode) fail('EEXIST', to)
  machine.act(seat, () => machine.disk.put(path, source), true)
}

export function renameSync(from: string, to: string): void {
  const { machine, seat, path } = look(to)
  const inode = found(from)
  const { path: old } = machine.at(from)
  machine.act(seat, () => {
    seat.view.delete(path)
    machine.disk.rename(old, path)
  })
  if (seat.process.status === 'stalled') seat.view.set(path, inode)
}

export function unlinkSync(given: string): void {
  found(given)
  const { machine, seat, path } = look(given)
  machine.act(seat, () => machine.disk.find(path) && machine.disk.put(path, null))
}

export function readdirSync(given: string): readonly string[] {
  found(given)
  const { machine, path } = look(given)
  return machine.disk.list(path)
}

type Changed = (event: string, name: string) => void

/** Tells after a while; of several changes meanwhile once. What nobody told of stays untold. */
export function watch(given: string, _options: object, changed: Changed) {
  const { machine, seat, path } = look(given)
  if (!machine.watches) fail('EMFILE', given)
  const underWay = new Set<string>()
  const hear = (name: string): void => {
    if (underWay.has(name) || machine.misses()) return
    underWay.add(name)
    machine.tell(seat, `watch ${seat.name}`, () => {
      underWay.delete(name)
      if (seat.owned.has(watcher)) changed('rename', name)
    })
  }
  const forget = machine.onChange(path, hear)
  const watcher = {
    on: () => {},
    close(): void {
      forget()
      seat.owned.delete(watcher)
    },
    /** As if something had changed just now. */
    nudge: () => seat.process.enter(() => changed('rename', 'ada')),
  }
  seat.owned.add(watcher)
  return watcher
}

const polls = new Map<() => void, { close(): void }>()

/** Looks every so often; a look that would find nothing is left out. */
export function watchFile(given: string, { interval }: { readonly interval: number }, changed: () => void): void {
  const { machine, seat, path } = look(given)
  const { clock } = seat.process
  const began = clock.now()
  let timer: unknown = null
  const forget = machine.onChange(posix.dirname(path), (name) => {
    if (name !== posix.basename(path)) return
    timer ??= clock.setTimeout(
      () => {
        timer = null
        changed()
      },
      interval - (Math.abs(clock.now() - began) % interval),
    )
  })
  const entry = {
    close(): void {
      forget()
      clock.clearTimeout(timer)
      polls.delete(changed)
      seat.owned.delete(entry)
    },
  }
  polls.set(changed, entry)
  seat.owned.add(entry)
}

export function unwatchFile(_path: string, changed: () => void): void {
  polls.get(changed)?.close()
}
