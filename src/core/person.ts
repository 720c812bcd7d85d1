import { AuthError } from './errors.ts'
import type { Keeper } from './keeper.ts'
import { noop } from './limits.ts'
import type { Messages } from './messages.ts'
import type { Refresher } from './refresh.ts'
import type { Server } from './server.ts'
import { idOf, isExpired, type Session } from './session.ts'
import type { Store } from './store.ts'
import type { Tabs } from './tabs.ts'

/** Who is signed in, where no token answer tells, or somebody wants to know anew. */
export interface Person {
  /** Asks in the background, if nobody has told. */
  ask(): Promise<void>
  /** Asks again, and shows it in all tabs. Resolves with the user. */
  reload(): Promise<unknown>
}

export function createPerson(
  now: () => number,
  store: Store<unknown>,
  keeper: Keeper,
  tabs: Tabs,
  messages: Messages,
  server: Server,
  refresher: Refresher,
): Person {
  const { backend, whoIs } = server

  /** Asks, and shows what is answered. What was asked for another person, or by now has changed hands, is dropped. */
  const fetchUser = async (): Promise<unknown> => {
    const who = keeper.identity()
    const { accessToken } = keeper.session() as Session
    const user = await whoIs(accessToken)
    who.throwIfAborted()
    // What was found at the start may have been half written: look again before it is written over.
    await tabs.look()
    who.throwIfAborted()
    const known = keeper.session()
    if (!user || !known) return known?.user
    const subject = (server.isMute(accessToken) && idOf(user)) || known.subject
    keeper.note({ session: { ...known, user, subject } })
    keeper.save()
    await keeper.settled()
    messages.announce()
    return user
  }

  const ask = async () => {
    const { usable, user } = keeper.session() ?? {}
    if (usable && !user && backend.getUser) await fetchUser().catch(noop)
  }
  store.on('refreshed', ask)
  // A sign-in here has asked already.
  store.on('signed_in', ({ by }) => (by === 'other_tab' ? ask() : undefined))

  return {
    ask,
    async reload() {
      if (!backend.getUser)
        throw new AuthError(
          'misconfigured',
          'reloadUser: this backend has no getUser. With restBackend, set paths.user.',
        )
      if (!keeper.session()) throw new AuthError('unauthenticated', 'Nobody is signed in.')
      if (isExpired(keeper.session(), now())) await refresher.run('request')
      return fetchUser().catch(async (error) => {
        if (error.code !== 'rejected') throw error
        await refresher.run('answer')
        return fetchUser()
      })
    },
  }
}
