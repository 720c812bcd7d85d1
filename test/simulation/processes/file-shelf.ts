/** The sealed file that the processes of one computer share, seen from outside. */
import type { StoredSession } from 'keyturn'
import type { SealedSession } from '../../../src/node/host-storage.ts'
import { unseal } from '../../../src/node/sealed/envelope.ts'
import { readKeys, type SealKey } from '../../../src/node/sealed/key-ring.ts'
import { sealedProblem } from '../../../src/node/sealed/problem.ts'
import type { Shelf } from '../world/shelf.ts'
import type { Inode } from './disk.ts'
import type { Machine } from './machine.ts'

/** Where it lies, and for whom it is sealed. */
export const FILE = '/state/ada'
export const BINDING = { profile: 'ada', backend: 'https://app.example.test/api' }

const KEYS = 'abcdefgh'
/** All keys that there will be, the oldest first. */
export const ALL_KEYS: readonly SealKey[] = [...KEYS].map((id, at) => ({ id, key: new Uint8Array(32).fill(at + 1) }))

const ring = readKeys(ALL_KEYS)

export type Contents = SealedSession & { readonly key: string }

export interface FileShelf extends Shelf {
  /** What the file holds; what is wrong with it; null: there is none. */
  readonly contents: () => Contents | string | null
  /** Puts something else in its place. Returns the way to put back what was there. */
  readonly swap: (how: 'spoiled' | 'torn' | 'foreign' | 'exposed') => () => void
}

/** What cannot be asked of a file. */
const never = (): never => {
  throw new Error('A file has no parts.')
}

/** @param outside what changes now is done by somebody else than the kit */
export function createFileShelf(machine: Machine, outside: (run: () => void) => void): FileShelf {
  const { disk } = machine
  const known = new Map<string, Contents | string>()

  const contents = (): Contents | string | null => {
    const inode = disk.find(FILE)
    if (!inode) return null
    if (inode.mode & 0o077) return 'exposed'
    const { text } = inode
    const value = known.get(text) ?? open(text)
    known.set(text, value)
    return value
  }
  const open = (text: string): Contents | string => {
    try {
      const opened = unseal(ring, BINDING, text, 'The file')
      return { ...(JSON.parse(opened.text) as SealedSession), key: opened.key }
    } catch (error) {
      return sealedProblem(error) ?? String(error)
    }
  }
  const peek = (): StoredSession | null => {
    const found = contents()
    return found instanceof Object ? found.session : null
  }
  const put = (inode: Inode | null): void => {
    outside(() => disk.put(FILE, inode))
    disk.sync('/state')
  }
  const fill = (text: string, mode = 0o600): void => {
    const inode = disk.make('file', mode)
    inode.text = inode.synced = text
    put(inode)
  }
  let noted: string | null = null

  return {
    key: 'file:ada',
    open: never,
    contents,
    peek,
    foreign: () => false,
    token: (part) => peek()?.[`${part}Token`] ?? null,
    over: () => !!peek()?.record?.over,
    user: () => null,
    pieces: () => 0,
    hint: () => {},
    whose: () => null,
    block(what) {
      machine.blocked = what
    },
    evict: () => disk.find(FILE) && put(null),
    spoil: never,
    plant: never,
    rewind() {
      // Nobody keeps a copy of what does not open.
      const now = contents() instanceof Object ? (disk.find(FILE)?.text ?? null) : noted
      if (noted !== null) fill(noted)
      noted = now
    },
    swap(how) {
      const before = disk.find(FILE)
      const neighbours = disk.find('/state/bob')
      // What is harmed already is harmed.
      if (!before || !(contents() instanceof Object) || (how === 'foreign' && !neighbours)) return () => {}
      const { text } = before
      if (how === 'spoiled') fill(text.replace(/"data":"..../, '"data":"AAAA'))
      else if (how === 'torn') fill(text.slice(0, 60))
      else if (how === 'foreign') fill(neighbours?.text ?? '')
      else fill(text, 0o644)
      const mine = disk.find(FILE)
      // Not over what has been written meanwhile.
      return () => disk.find(FILE) === mine && fill(text)
    },
  }
}
