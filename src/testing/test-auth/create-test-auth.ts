import { createEngine } from '../../core/create-engine.ts'
import type { Auth, AuthOptions, Backend } from '../../core/types.ts'
import type { MockAuthOptions, MockUser } from '../auth-server/core/options.ts'
import type { MockAuth } from '../auth-server/core/types.ts'
import { createMockAuth } from '../auth-server/create-mock-auth.ts'
import { createFakeClock, type FakeClock } from '../browser/fake-clock.ts'
import { createFakeBrowser, type FakeTab } from '../browser/fake-tabs.ts'
import { duration } from './duration.ts'

export interface TestAuthOptions<User, Credentials> {
  /** The app's own backend, such as `restBackend(api)`. */
  readonly backend: Backend<User, Credentials>
  /**
   * How the mock server behaves; `rest` is how the app's server speaks. Default: as `restBackend` expects, with tokens that are
   * not signed, which saves time.
   */
  readonly server?: Omit<MockAuthOptions, 'clock' | 'restBase' | 'origin'>
  /** Answers the requests that are not for the auth server: the app's own API. Default: 404. */
  readonly api?: (request: Request, server: MockAuth) => Response | Promise<Response>
  /** What the person signs in with. null: nobody is signed in. Default: email and password of the first user. */
  readonly credentials?: Credentials | null
  /** Other options of `createAuth`, such as `refreshMargin`. */
  readonly options?: Partial<Omit<AuthOptions<User, Credentials>, 'backend' | 'storage'>>
}

export interface TestAuth<User, Credentials> {
  /** Somebody is signed in. */
  readonly auth: Auth<User, Credentials>
  /** What stands behind it: no network. */
  readonly server: MockAuth
  /** Server and `api` as `fetch`, for clients that take one. `createAuthFetch(auth)` uses it of itself. */
  readonly fetch: typeof fetch
  readonly clock: FakeClock
  /** Lets time pass, as in `advance('55m')`: timers fire, and what hangs on them is through. A number is ms. */
  readonly advance: (time: string | number) => Promise<void>
  /** Opens another tab of the same browser: it shares storage, lock and channel. */
  readonly tab: () => Auth<User, Credentials>
  /** The tab that `auth` lives in: to freeze it, or to fire a wake signal. */
  readonly page: FakeTab
  /** Ends all tabs. */
  readonly dispose: () => void
}

const ADA: MockUser = { email: 'ada@example.test', password: 'correct-horse' }
const PAGE = 'https://app.example.test/'

/**
 * A session to test with: somebody is signed in at a mock server, on a clock that stands still until `advance`. No network,
 * no real time, nothing left behind. Give its `auth` to `AuthProvider`, or to a client by `attachAuth(axios.create(), auth)`.
 *
 * ```ts
 * const { auth, server, advance } = await createTestAuth({ backend: restBackend({ baseUrl: '/api' }) })
 * await advance('55m')
 * expect(server).toHaveRefreshed(1)
 * ```
 * @throws AuthError `credentials_rejected` if the credentials are not those of a user of the mock.
 */
export async function createTestAuth<User, Credentials>({
  backend,
  server: serverOptions = {},
  api = () => Response.json({ detail: 'Not Found' }, { status: 404 }),
  credentials,
  options = {},
}: TestAuthOptions<User, Credentials>): Promise<TestAuth<User, Credentials>> {
  const clock = createFakeClock()
  const { pathname, origin } = new URL(backend.baseUrl ?? '/api', PAGE)
  const server = createMockAuth({ signing: 'none', ...serverOptions, clock, restBase: pathname, origin })
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, PAGE)
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
    if (server.owns({ method, url: url.href })) return server.fetch(input instanceof Request ? input : url, init)
    return api(new Request(input instanceof Request ? input : url, init), server)
  }
  const browser = createFakeBrowser({ clock, fetch, href: PAGE })
  const made: Auth<User, Credentials>[] = []
  const open = (): readonly [Auth<User, Credentials>, FakeTab] => {
    const page = browser.openTab()
    const auth = createEngine<User, Credentials>({ ...options, backend, storage: page.storage }, page.ports)
    made.push(auth)
    return [auth, page]
  }
  const [auth, page] = open()
  if (credentials !== null) {
    const [{ email, password } = ADA] = serverOptions.users ?? []
    await auth.signIn(credentials ?? ({ email, password } as Credentials))
  }
  return {
    auth,
    server,
    fetch,
    clock,
    advance: async (time) => clock.advance(duration(time)),
    tab: () => open()[0],
    page,
    dispose() {
      for (const each of made.splice(0)) each.dispose()
    },
  }
}

/**
 * Between tests of a module-level `auth`: signs out here and in all tabs, and lets the mock forget everything.
 *
 * ```ts
 * afterEach(() => resetAuth(auth, server))
 * ```
 */
export async function resetAuth(auth: Pick<Auth<unknown, never>, 'signOut'>, server: MockAuth): Promise<void> {
  server.faults.clear()
  await auth.signOut()
  server.reset()
}
