import { basename } from 'node:path'
import type { SessionTokens, StoredSession } from '../../core/types.ts'
import {
  type HostStorage,
  isLater,
  newNote,
  nobody,
  overtaken,
  type RenewalNote,
  type SealedSession,
  sameCredentials,
  withSession,
} from '../host-storage.ts'
import { lockFolder } from '../lock/lock-folder.ts'
import { processLock } from '../lock/process-lock.ts'
import { sealedProblem } from './problem.ts'
import { type SealedBoxOptions, sealedBox } from './sealed-box.ts'
import { watchFile } from './watch-file.ts'

export interface SealedFileOptions extends Omit<SealedBoxOptions<never>, 'initial'> {
  /**
   * True: where there is no file, begin with nobody signed in, and make the file at once. Default: false; then a missing
   * file is an error, so that a wrong path or an unmounted volume never looks like a sign-out.
   */
  readonly create?: boolean
}

/** A {@link sealedFile}, with what its owner may do to it beside the engine. */
export interface SealedFile extends HostStorage {
  readonly path: string
  read(): StoredSession | null
  write(session: StoredSession): void
  noteRenewal(tokens: SessionTokens): RenewalNote | null
  renewing(): RenewalNote | null
  retryWrite(): void
  /** Seals with the newest key what is sealed with another. Returns whether it was. */
  reseal(): boolean
  /** The name of the key that the file is sealed with. */
  keyId(): string
}

/**
 * Keeps the session in an encrypted file that all processes of a host may share. Answers at once, so the first state of
 * `auth` is known when it is made, and what was rotated is on disk before anybody uses it or hears of it.
 *
 * A file that is missing, torn, plain, of another key, profile or back end, or open to others is an error, at the start and
 * later: it never looks like "nobody is signed in". Two processes with `readOnly: true` and without may share a file; only
 * the writer renews.
 *
 * Not for several hosts: locks and change signals end at the host. Use {@link postgresStorage} there.
 * @throws AuthError `misconfigured`, `storage_failed`; see {@link SealedProblem}.
 * @example sealedFile({ path: '/var/lib/app/ada', keys: process.env.KEYS, profile: 'ada', backend: 'https://api.example.com' })
 */
export function sealedFile(options: SealedFileOptions): SealedFile {
  const { create = false, ...rest } = options ?? {}
  const box = sealedBox<SealedSession>({ ...rest, ...(create && { initial: nobody() }) })
  const { path } = box
  /** What could not be written: newer than the file, and nowhere else than here. */
  let unsaved: StoredSession | null = null

  /** A file that has gone or is torn holds nothing that a write could harm. Anything else is somebody's. */
  const current = (): SealedSession => {
    try {
      return box.read()
    } catch (error) {
      const problem = sealedProblem(error)
      if (problem === 'missing' || problem === 'torn') return nobody()
      throw error
    }
  }

  const save = (session: StoredSession): void => {
    unsaved = session
    const before = current()
    // What is later stays, and the watcher makes the engine look. The last look comes right before the rename, for a process
    // may stand still at any point.
    if (!isLater(before.session, session))
      box.write(withSession(before, session), () => !isLater(current().session, session))
    unsaved = null
  }

  return Object.freeze<SealedFile>({
    path,
    // The folder of the lock tells the rest: containers may see it at another path.
    key: `file:${basename(path)}`,
    backend: rest.backend,
    lock: processLock(lockFolder(path)),
    watch: (changed) => watchFile(path, changed),
    read: () => box.read().session,
    write: save,
    noteRenewal(tokens) {
      if (unsaved && sameCredentials(unsaved, tokens)) save(unsaved)
      const { session, renewing } = box.read()
      const stands = () => sameCredentials(box.read().session, tokens)
      if (!sameCredentials(session, tokens) || !box.write({ session, renewing: newNote() }, stands))
        throw overtaken(`The file ${path}`)
      return renewing
    },
    renewing: () => box.read().renewing,
    retryWrite() {
      if (unsaved) save(unsaved)
    },
    reseal: box.reseal,
    keyId: box.keyId,
  })
}
