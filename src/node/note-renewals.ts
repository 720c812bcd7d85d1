import { AuthError, isAuthError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Backend, RefreshOutcome, SessionTokens } from '../core/types.ts'
import type { HostStorage, RenewalNote } from './host-storage.ts'
import { letOthersEnd } from './under-way.ts'

/**
 * Lets a refresh leave only after the storage has noted it. A process that dies before it has saved the answer then leaves
 * word that its refresh token may be spent; and where nothing can be written, nothing is rotated.
 * @param limit how long (ms) one call may take
 */
export function noteRenewals<User, Credentials>(
  backend: Backend<User, Credentials>,
  storage: HostStorage,
  clock: Clock,
  limit: number,
): Backend<User, Credentials> {
  /** There is nothing to save. A storage that cannot take that has others wait for a while. */
  const ended = async (tokens: SessionTokens): Promise<void> => {
    try {
      await storage.renewalEnded?.(tokens)
    } catch {}
  }
  return {
    ...(backend.kind && { kind: backend.kind }),
    ...(backend.baseUrl !== undefined && { baseUrl: backend.baseUrl }),
    ...(backend.renewAfter !== undefined && { renewAfter: backend.renewAfter }),
    signIn: (credentials, context) => backend.signIn(credentials, context),
    signOut: (tokens, scope, context) => backend.signOut(tokens, scope, context),
    ...(backend.getUser && {
      getUser: async (token, context) => backend.getUser?.(token, context),
    }),
    async refresh(tokens, context): Promise<RefreshOutcome<User>> {
      let left: RenewalNote | null
      try {
        const other = storage.renewalEnded ? await letOthersEnd(storage, clock, limit, context.signal) : null
        // The engine asks again after a moment, with the whole time of a call.
        if (other) return { type: 'conflict', error: waitedFor(other) }
        left = await storage.noteRenewal(tokens)
      } catch (cause) {
        const error = isAuthError(cause)
          ? cause
          : new AuthError('storage_failed', 'The storage cannot be written, so nothing is renewed.', { cause })
        return { type: error.code === 'session_changed' ? 'conflict' : 'unavailable', error }
      }
      let outcome: RefreshOutcome<User>
      try {
        context.signal.throwIfAborted()
        outcome = await backend.refresh(tokens, context)
      } catch (error) {
        await ended(tokens)
        throw error
      }
      if (outcome.type === 'unavailable') await ended(tokens)
      // A doubtful refusal is compared with the next one, and ends nothing by itself.
      return left && outcome.type === 'rejected' && !outcome.doubt
        ? { type: 'rejected', error: explain(outcome.error, left) }
        : outcome
    },
  }
}

const by = ({ at, pid, host }: RenewalNote): string => `by process ${pid} on ${host} at ${new Date(at).toISOString()}`

const waitedFor = (note: RenewalNote): AuthError =>
  new AuthError('unavailable', `A renewal ${by(note)} was waited for, and nothing was sent meanwhile.`)

const explain = (refused: AuthError, note: RenewalNote): AuthError => {
  const { status, serverCode } = refused
  return new AuthError(
    'rejected',
    `${refused.message} A renewal ${by(note)} was cut short before its ` +
      'answer was saved: it may have spent the refresh token. Sign in again.',
    { cause: refused, status, serverCode },
  )
}
