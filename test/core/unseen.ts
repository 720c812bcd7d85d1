import {
  AuthError,
  type AuthStorage,
  type Backend,
  type SessionKind,
  type SessionRecord,
  type SignOutScope,
} from 'keyturn'
import { createWorld, type Tab, type World } from './world.ts'

export const REFRESH_COOKIE: SessionKind = { access: 'token', refresh: 'cookie' }
export const BOTH_COOKIES: SessionKind = { access: 'cookie', refresh: 'cookie' }

/** A strict server whose refresh token is in a cookie that scripts do not see: one for all tabs of the browser. */
export interface Unseen {
  /** The browser's cookie. */
  cookie: string | null
  readonly backend: Backend
  /** How the server was asked to end sessions: by which cookie. */
  readonly signOuts: (readonly [cookie: string | null, scope: SignOutScope])[]
  /** Whether it cannot be reached. */
  offline: boolean
}

export function unseen({ server }: Pick<World, 'server'>, kind = REFRESH_COOKIE): Unseen {
  const reach = () => {
    if (self.offline) throw new AuthError('unavailable', 'The network is down.')
  }
  const answer = ({ accessToken, refreshToken, user }: ReturnType<typeof server.issue>) => {
    self.cookie = refreshToken
    return kind.access === 'cookie' ? { expiresIn: server.life, user } : { accessToken, user }
  }
  const self: Unseen = {
    cookie: null,
    offline: false,
    signOuts: [],
    backend: {
      kind,
      async signIn(credentials, context) {
        reach()
        return answer((await server.backend.signIn(credentials, context)) as ReturnType<typeof server.issue>)
      },
      async refresh(_tokens, context) {
        reach()
        const { cookie } = self
        const outcome = await server.backend.refresh({ accessToken: null, refreshToken: cookie }, context)
        if (outcome.type !== 'renewed') return outcome
        return { type: 'renewed', answer: answer(outcome.answer as ReturnType<typeof server.issue>) }
      },
      async signOut(_tokens, scope) {
        reach()
        self.signOuts.push([self.cookie, scope])
        if (self.cookie === server.current) server.alive = false
        self.cookie = null
      },
    },
  }
  return self
}

/** The same storage, which keeps the access token in the page. */
export const withoutAccess = (storage: AuthStorage): AuthStorage => ({
  ...storage,
  write: (session, context) => storage.write({ ...session, accessToken: null }, context),
})

export interface Place extends World, Tab {
  readonly site: Unseen
  another(): Tab
  over(): SessionRecord | null | undefined
}

/** A tab whose session is in cookies that scripts do not see. */
export async function signedIn(kind = REFRESH_COOKIE): Promise<Place> {
  const world = createWorld()
  const site = unseen(world, kind)
  const another = () => world.open({ backend: site.backend, restore: 'always' })
  const tab = world.open({ backend: site.backend })
  await tab.auth.signIn({})
  tab.events.length = 0
  return { ...world, ...tab, site, another, over: () => world.browser.stored()?.record }
}
