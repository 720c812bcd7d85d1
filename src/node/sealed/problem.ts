import { AuthError, isAuthError } from '../../core/errors.ts'

/**
 * What is wrong with a sealed file (or with a sealed value in a database).
 *
 * - `missing`: there is no such file. Nobody was signed out: say `create: true` if it is the first use.
 * - `torn`: it ends early, or is empty. No crash of this kit does that.
 * - `plaintext`: it is not sealed. Plain tokens are never read, so that nobody takes them for safe.
 * - `exposed`: others than its owner may read or write it.
 * - `foreign`: it was sealed for another profile or another back end.
 * - `unknown_key`: the key that it was sealed with is not among `keys`.
 * - `changed`: the key with that name does not open it: it was changed, or the name stands for another key now.
 * - `newer`: a later release of this kit wrote it.
 * - `unreadable`, `unwritable`: the operating system refuses.
 */
export type SealedProblem =
  | 'missing'
  | 'torn'
  | 'plaintext'
  | 'exposed'
  | 'foreign'
  | 'unknown_key'
  | 'changed'
  | 'newer'
  | 'unreadable'
  | 'unwritable'

interface Details {
  readonly problem: SealedProblem
  readonly error?: unknown
}

export const sealedError = (problem: SealedProblem, message: string, error?: unknown): AuthError =>
  new AuthError('storage_failed', message, { cause: Object.freeze<Details>({ problem, error }) })

/** What an error of {@link sealedFile}, {@link sealedBox} or {@link postgresStorage} complains of; null for other errors. */
export const sealedProblem = (error: unknown): SealedProblem | null =>
  isAuthError(error) ? ((error.cause as Partial<Details> | undefined)?.problem ?? null) : null
