import type { AxiosInstance } from 'axios'
import type { Auth, PasswordCredentials, SignedOutReason } from 'keyturn'
import { rigOf } from '../../../../src/devtools/record/find-rig.ts'
import { createRecorder } from '../../../../src/devtools/record/recorder.ts'
import { recordsOf } from '../shared/talk.ts'
import { type FrameSession, nameIn, realNow, type View } from './session.ts'

interface User {
  readonly email: string
  readonly user_metadata?: { readonly name?: string }
}

const REASONS: Readonly<Record<SignedOutReason, string>> = {
  none: 'Nobody is signed in yet.',
  signed_out: 'You signed out.',
  other_tab: 'You signed out in the other tab.',
  rejected: 'The server ended the session.',
  expired: 'The session ran out.',
  idle: 'Nobody used it for too long.',
  storage_lost: 'The cookies were deleted.',
}

/** The session of an app that uses Keyturn, and its records for the tour's timeline. */
export function keyturnSession(
  auth: Auth<unknown, PasswordCredentials>,
  api: AxiosInstance,
  label: string,
): FrameSession {
  const typed = auth as Auth<User, PasswordCredentials>
  const recorder = createRecorder({ label, channel: recordsOf('keyturn') })
  let waited = 0
  rigOf(auth as never)?.followers.add((record) => {
    if (record.step === 'request' && record.state === 'waiting') waited++
    recorder.add(record, realNow())
  })
  let view: View = look()
  const listeners = new Set<() => void>()
  typed.subscribe(() => {
    view = look()
    for (const listener of listeners) listener()
  })

  function look(): View {
    const state = typed.getState()
    if (state.status === 'unauthenticated') return { status: 'out', name: null, words: REASONS[state.reason] }
    const words = state.problem ? 'The server cannot be reached. You stay signed in.' : null
    if (state.status === 'loading') return { status: 'loading', name: null, words }
    return { status: 'in', name: state.user.user_metadata?.name ?? state.user.email, words }
  }

  return {
    view: () => view,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    signIn: ({ email, password }) => typed.signIn({ email, password }),
    get: async (path) => nameIn((await api.get(path)).data),
    save: (text) => api.post('/notes', { text }),
    waited: () => waited,
  }
}
