/** A file system in memory that knows what a power cut takes back. Paths are whole: `/state/ada`. */
import { posix } from 'node:path'
import type { Listener } from './machine.ts'

export interface Inode {
  readonly kind: 'file' | 'folder' | 'socket'
  readonly number: number
  mode: number
  changedAt: number
  text: string
  /** What of the text a power cut leaves. */
  synced: string
  /** Who listens at this socket; null: nobody any more. */
  listener: Listener | null
}

export interface Disk {
  readonly find: (path: string) => Inode | null
  readonly list: (folder: string) => readonly string[]
  readonly make: (kind: Inode['kind'], mode: number) => Inode
  /** Puts an inode at a path, in place of what was there. null: takes the name away. */
  readonly put: (path: string, inode: Inode | null) => void
  /** Moves a name, in one step. */
  readonly rename: (from: string, to: string) => void
  /** What has been done to the names of this folder outlasts a power cut. */
  readonly sync: (folder: string) => void
  /** The newest changes that were not synced are undone, as many as `draw` says, and texts that were not synced are torn. */
  readonly cutPower: (draw: (what: string) => number) => void
}

/** @param changed called after a name of a folder has changed */
export function createDisk(now: () => number, changed: (path: string) => void): Disk {
  const names = new Map<string, Inode>()
  let journal: { readonly folder: string; readonly undo: () => void }[] = []
  let count = 0

  const set = (path: string, inode: Inode | null): void => {
    if (inode) names.set(path, inode)
    else names.delete(path)
  }
  const put: Disk['put'] = (path, inode) => {
    const before = names.get(path) ?? null
    journal.push({ folder: posix.dirname(path), undo: () => set(path, before) })
    set(path, inode)
    changed(path)
  }

  return {
    find: (path) => names.get(path) ?? null,
    list: (folder) =>
      [...names.keys()].filter((path) => posix.dirname(path) === folder).map((path) => posix.basename(path)),
    make: (kind, mode) => ({ kind, number: ++count, mode, changedAt: now(), text: '', synced: '', listener: null }),
    put,
    rename(from, to) {
      const [moved = null, before = null] = [names.get(from), names.get(to)]
      const undo = (): void => {
        set(from, moved)
        set(to, before)
      }
      journal.push({ folder: posix.dirname(to), undo })
      set(from, null)
      set(to, moved)
      changed(from)
      changed(to)
    },
    sync(folder) {
      journal = journal.filter((entry) => entry.folder !== folder)
    },
    cutPower(draw) {
      for (let left = Math.floor(draw('names') * (journal.length + 1)); left > 0; left--) journal.pop()?.undo()
      journal = []
      for (const [path, inode] of names) {
        inode.listener = null
        if (inode.text === inode.synced) continue
        inode.text = inode.text.slice(0, Math.floor(draw(path) * inode.text.length))
        inode.synced = inode.text
      }
    },
  }
}
