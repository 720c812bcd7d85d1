import { createHash } from 'node:crypto'
import { chownSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AuthError } from '../../core/errors.ts'

/** A socket's address holds 104 bytes on macOS and 108 on Linux; what is left is for the names in the folder. */
const LONGEST = 72

/**
 * Where the sockets of a file's lock are: a folder beside it, so that all who share the file share the lock, containers and
 * users with another `TMPDIR` as well. Where that path is too long for a socket, a folder in `/tmp`.
 */
export function lockFolder(path: string): string {
  const beside = `${path}.lock`
  if (Buffer.byteLength(beside) <= LONGEST) return beside
  const hash = createHash('sha256').update(beside).digest('hex').slice(0, 16)
  return join('/tmp', `keyturn-${process.getuid?.() ?? 0}-${hash}`)
}

/** Makes the folder if need be, and refuses one that others could put sockets into. */
export function ownFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
    // Root makes it for whoever owns the place, or they could not take the lock.
    const { uid, gid } = statSync(dirname(folder))
    if (process.getuid?.() === 0 && uid && dirname(folder) !== '/tmp') chownSync(folder, uid, gid)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = lstatSync(folder)
  const uid = process.getuid?.()
  if (!found.isDirectory() || found.mode & 0o077 || (uid && found.uid !== uid))
    throw new AuthError('storage_failed', `${folder} must be a folder of this user's own, with mode 0700. Remove it.`)
}
