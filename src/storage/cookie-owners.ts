import type { SessionRecord, StoredSession } from '../core/types.ts'
import { type Envelope, fingerprint, openEnvelope } from './cookie-envelope.ts'

type Maybe<T> = T | null | undefined

/**
 * Tells what is this app's among cookies of another scope: a token that was just held, one that a record of ours names, or a
 * record with our id or back end. Never what names another back end.
 */
export function ownership(
  session: StoredSession,
  written: Maybe<StoredSession>,
  read: Maybe<StoredSession>,
  envelopes: readonly Envelope[],
): Readonly<Record<'access' | 'refresh' | 'record', (text: string) => boolean>> {
  const backend = session.record?.backend
  const known = [session, written]
  const hasId = (record: SessionRecord) => known.some((one) => one?.record?.id === record.id)
  const foreign = (record: Maybe<SessionRecord>) => !!record?.backend && record.backend !== backend && !hasId(record)
  if (!foreign(read?.record)) known.push(read)
  const mine = (record: Maybe<SessionRecord>) =>
    !!record && (hasId(record) || (!!backend && record.backend === backend))

  const isToken = (part: 'access' | 'refresh') => (text: string) => {
    const owners = envelopes.filter((envelope) => envelope[part] === fingerprint(text))
    if (owners.some(({ record }) => foreign(record))) return false
    return (
      owners.some(({ record }) => mine(record)) ||
      known.some((one) => one && (part === 'access' ? one.accessToken : one.refreshToken) === text)
    )
  }
  return {
    access: isToken('access'),
    refresh: isToken('refresh'),
    record: (text) => mine(openEnvelope(text)?.record),
  }
}
