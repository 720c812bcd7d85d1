import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { misuse } from '../../core/errors.ts'
import type { Binding } from './envelope.ts'
import { seal, unseal } from './envelope.ts'
import { readKeys, type SealKeys } from './key-ring.ts'
import { sealedError } from './problem.ts'
import { createPrivate, probeFolder, readPrivate, replacePrivate, type WriteStep } from './safe-file.ts'

export interface SealedBoxOptions<T> {
  /** The file. Its folder must be writable: the file is replaced as a whole. */
  readonly path: string
  readonly keys: SealKeys
  /** Whose it is. What was sealed for one profile does not open for another. */
  readonly profile: string
  /** Which back end or site it is for. What was sealed for one does not open for another. */
  readonly backend: string
  /**
   * What a new file holds. Without it a missing file is an error, so that a wrong path or an unmounted volume never looks
   * like "nobody has signed in". Must be JSON.
   */
  readonly initial?: T
  /** Never write: then a folder that cannot be written is no error. Default: false. */
  readonly readOnly?: boolean
  /** Called at each step of a write. For tests that end the process there. */
  readonly onStep?: (step: WriteStep) => void
}

/** A JSON value in a sealed file. Every call answers at once. */
export interface SealedBox<T> {
  /** The file's own path: symbolic links are followed. */
  readonly path: string
  /** @throws AuthError `storage_failed`; {@link sealedProblem} tells which. */
  read(): T
  /**
   * Replaces the value. On disk, and safe from a power cut, when it returns.
   * @param look called when nothing is left to do but the rename; false calls it off
   * @returns whether the value was replaced
   */
  write(value: T, look?: () => boolean): boolean
  /** The name of the key that the file is sealed with. */
  keyId(): string
  /** Seals the value with the newest key if it is sealed with another. Returns whether it was. */
  reseal(): boolean
}

/**
 * Opens a sealed file: AES-256-GCM, mode 0600 from the first byte, replaced by rename. Finds out at once whether it can be
 * read and written.
 *
 * It does not notice an older copy of the file that somebody puts back: that copy is genuine.
 * @throws AuthError `misconfigured` for a bad option; `storage_failed` for a file that cannot be used, see
 * {@link SealedProblem}.
 */
export function sealedBox<T>(options: SealedBoxOptions<T>): SealedBox<T> {
  const { keys, profile, backend, initial, readOnly = false, onStep } = options ?? {}
  for (const [name, value] of Object.entries({ path: options?.path, profile, backend }))
    if (typeof value !== 'string' || !value) misuse(`A sealed file needs a ${name}.`)
  const ring = readKeys(keys)
  const binding: Binding = { profile, backend }
  const path = locate(options.path, initial !== undefined && !readOnly)
  const where = `The file ${path}`

  const open = () => {
    const { text, key } = unseal(ring, binding, readPrivate(path), where)
    return { value: JSON.parse(text) as T, key }
  }
  const write = (value: T, look?: () => boolean): boolean => {
    if (readOnly) throw sealedError('unwritable', `${where} was opened with readOnly: true.`)
    return replacePrivate(path, seal(ring, binding, JSON.stringify(value)), onStep, look)
  }

  // What is missing is told as such, though its folder may be missing as well.
  if (initial === undefined) open()
  if (!readOnly) probeFolder(path)
  if (initial !== undefined && !readOnly) createPrivate(path, seal(ring, binding, JSON.stringify(initial)))
  open()

  return Object.freeze<SealedBox<T>>({
    path,
    read: () => open().value,
    write,
    keyId: () => open().key,
    reseal() {
      const { value, key } = open()
      if (key === ring.newest.id) return false
      // Whoever writes meanwhile seals with the newest key as well.
      return write(value, () => open().key === key)
    },
  })
}

/** A link is followed, or the rename would replace the link and leave the file. */
function locate(given: string, create: boolean): string {
  const path = resolve(given)
  if (create) makeFolder(dirname(path))
  try {
    return realpathSync(path)
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path))
    } catch {
      return path
    }
  }
}

/** Not by the option `recursive`: Node 20 hangs where a parent exists and refuses with ENOENT, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch {
    // Another process has made it; or the first write will tell what is wrong.
  }
}
