import { AuthError, type Backend, type SessionKind } from 'keyturn'
import type { FakeClock } from 'keyturn/testing'

/** What a sign-in made. The second use of a refresh token ends it. */
interface Family {
  readonly name: string
  current: string
  alive: boolean
}

/** A strict server, and the one cookie that the tabs of a browser have of it. Calls take their time, there and back. */
export interface Site {
  readonly backend: Backend
  /** Nothing reaches the server. */
  offline: boolean
  /** How many calls are under way. */
  readonly busy: () => number
  /** Whose session the cookie is of; null: nobody's, or it is over. */
  readonly who: () => string | null
  /** Whom the API takes a request for, which is sent now: by its token, or by the cookie. */
  readonly ask: (token: string | null) => Promise<string | null>
}

export function createSite(
  clock: FakeClock,
  kind: SessionKind,
  latency: () => number,
  say: (line: string) => void,
): Site {
  let cookie: string | null = null
  let count = 0
  let busy = 0
  const families = new Map<string, Family>()
  const byAccess = new Map<string, Family>()

  const travel = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, latency()))
  const trip = async <T>(
    what: string,
    process: (cookie: string | null) => T,
    arrive: (result: T) => void,
  ): Promise<T> => {
    // The browser takes the cookie as the request leaves.
    const carried = cookie
    say(`${what} leaves with ${carried}${site.offline ? ', and fails' : ''}`)
    if (site.offline) throw new AuthError('unavailable', 'The network is down.')
    busy++
    try {
      await travel()
      const result = process(carried)
      say(`${what} with ${carried} is done`)
      await travel()
      arrive(result)
      say(`${what} with ${carried} is answered: ${cookie}`)
      return result
    } finally {
      busy--
    }
  }
  const give = (family: Family) => {
    family.current = `refresh-${++count}`
    families.set(family.current, family)
    const access = `access-${count}`
    byAccess.set(access, family)
    const accessToken = kind.access === 'token' ? access : null
    return { cookie: family.current, answer: { accessToken, expiresIn: 900, user: { name: family.name } } }
  }
  const refused = () => {
    throw new AuthError('rejected', 'no such session', { status: 401 })
  }
  const set = (given: { readonly cookie: string } | null) => {
    if (given) ({ cookie } = given)
  }

  const site: Site = {
    offline: false,
    busy: () => busy,
    who: () => {
      const family = families.get(`${cookie}`)
      return family?.alive && family.current === cookie ? family.name : null
    },
    ask: (token) =>
      trip(
        'request',
        (carried) => {
          const family = kind.access === 'token' ? byAccess.get(`${token}`) : families.get(`${carried}`)
          return family?.alive ? family.name : null
        },
        () => {},
      ),
    backend: {
      kind,
      signIn: async (name) =>
        (await trip('signIn', () => give({ name: String(name), current: '', alive: true }), set)).answer,
      async refresh() {
        const given = await trip(
          'refresh',
          (carried) => {
            const family = families.get(`${carried}`)
            if (family && family.current !== carried) family.alive = false
            return family?.alive ? give(family) : null
          },
          set,
        )
        return given ? { type: 'renewed', answer: given.answer } : refused()
      },
      async signOut() {
        await trip(
          'signOut',
          (carried) => {
            const family = families.get(`${carried}`)
            if (family) family.alive = false
          },
          () => {
            cookie = null
          },
        )
      },
    },
  }
  // A refusal is an outcome, not an error.
  const { refresh } = site.backend
  Object.assign(site.backend, {
    refresh: (...call: Parameters<typeof refresh>) =>
      refresh(...call).catch((error) => {
        if (error.code === 'rejected') return { type: 'rejected', error }
        throw error
      }),
  })
  return site
}
