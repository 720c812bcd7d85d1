import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { sealedError } from './problem.ts'

/** The steps of one write, in order. `renamed` is the point from which on a crash loses nothing. */
export type WriteStep = 'begin' | 'written' | 'synced' | 'renamed' | 'durable'

const WINDOWS = process.platform === 'win32'
/** Temporary files older than this (ms) were left by a process that was killed. */
const LEFT_OVER = 60_000
const TEMPORARY = /\.[\da-f]{12}\.tmp$/

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? ''

/** Reads a file that only its owner may read. */
export function readPrivate(path: string): string {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw sealedError('missing', `The file ${path} is missing. If this is the first use, say create: true.`, error)
    throw sealedError('unreadable', `The file ${path} cannot be read (${codeOf(error)}).`, error)
  }
  try {
    const { mode } = fstatSync(file)
    if (!WINDOWS && mode & 0o077)
      throw sealedError(
        'exposed',
        `The file ${path} is open to others than its owner (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). ` +
          `If nobody has read it: chmod 600 ${path}. Else end the session on the server first.`,
      )
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw codeOf(error) && !(error instanceof Error && error.name === 'AuthError')
      ? sealedError('unreadable', `The file ${path} cannot be read (${codeOf(error)}).`, error)
      : error
  } finally {
    closeSync(file)
  }
}

/**
 * Replaces a file as a whole: whoever reads it sees the old text or the new one, also after a crash or a power cut. Its mode
 * is 0600 from the first byte.
 * @param look called when nothing is left to do but the rename; false calls it off
 * @returns whether the file was replaced
 */
export function replacePrivate(
  path: string,
  text: string,
  step: (step: WriteStep) => void = () => {},
  look: () => boolean = () => true,
): boolean {
  return writing(path, () => {
    const temporary = prepare(path, text, step)
    try {
      if (!look()) {
        unlinkSync(temporary)
        return false
      }
      renameSync(temporary, path)
    } catch (error) {
      remove(temporary)
      throw error
    }
    step('renamed')
    syncFolder(path)
    step('durable')
    return true
  })
}

/** Makes a file where there is none. False: there is one already, and it is left as it is. */
export function createPrivate(path: string, text: string): boolean {
  return writing(path, () => {
    const temporary = prepare(path, text, () => {})
    try {
      linkSync(temporary, path)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    } finally {
      remove(temporary)
    }
    syncFolder(path)
    return true
  })
}

/** Finds out whether a file in this folder could be replaced, by writing beside it; and removes what a crash left. */
export function probeFolder(path: string): void {
  writing(path, () => {
    remove(prepare(path, '', () => {}))
    const folder = dirname(path)
    for (const name of readdirSync(folder)) {
      const left = join(folder, name)
      const ours = name.startsWith(`${basename(path)}.`) && TEMPORARY.test(name)
      // By the folder's clock: the file system may be another host's.
      if (ours && ageOf(left) > LEFT_OVER) remove(left)
    }
  })
}

const ageOf = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function writing<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const code = codeOf(error)
    if (!code || (error as Error).name === 'AuthError') throw error
    throw sealedError(
      'unwritable',
      `The file ${path} cannot be written (${code}), so nothing is renewed: a rotated token would be lost. ` +
        `The process needs to write to the folder ${dirname(path)}.`,
      error,
    )
  }
}

/** Writes a temporary file beside `path` and syncs it. Returns its path. */
function prepare(path: string, text: string, step: (step: WriteStep) => void): string {
  step('begin')
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    keepOwner(path, file)
    writeAll(file, Buffer.from(text))
    step('written')
    fsyncSync(file)
  } catch (error) {
    remove(temporary)
    throw error
  } finally {
    closeSync(file)
  }
  step('synced')
  return temporary
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/** Root may replace another user's file; the file stays theirs, or they could not read it any more. */
function keepOwner(path: string, file: number): void {
  if (process.getuid?.() !== 0) return
  try {
    const { uid, gid } = statSync(path)
    if (uid) fchownSync(file, uid, gid)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** A rename is on disk when its folder is (POSIX). Windows has no such call. */
function syncFolder(path: string): void {
  if (WINDOWS) return
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Gone already, or it will be found at the next start.
  }
}
