import axios, { type AxiosInstance } from 'axios'
import {
  type Auth,
  type AuthOptions,
  type PasswordCredentials,
  type Ports,
  restBackend,
  type StoredSession,
} from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import type { FakeBrowser, FakeTab } from 'keyturn/testing'
import { createEngine } from '../../../src/core/create-engine.ts'
import { readToken } from '../../../src/tokens/read-token.ts'
import type { Shelf } from '../world/shelf.ts'
import { ORIGIN, type Server } from './server.ts'
import type { Tracker } from './tracker.ts'

export interface LongTab {
  readonly fake: FakeTab
  readonly auth: Auth<unknown, PasswordCredentials>
  readonly api: AxiosInstance
  /** One for all requests of the page, as an app has that cancels them when it goes away. */
  readonly page: AbortController
}

interface Around {
  readonly browser: FakeBrowser
  readonly shelf: Shelf
  readonly server: Server
  readonly stir: () => void
  readonly tracker: Tracker
}

/** The real engine, backend, cookie storage and axios adapter, with an eye on what passes between them. */
export function openTab({ browser, shelf, server, stir, tracker }: Around, jitter: number): LongTab {
  const { track } = tracker
  const fake = browser.openTab()
  const rest = restBackend({ baseUrl: '/api' })
  const cookies = shelf.open(fake.process, 'a tab')
  const lock = fake.ports.lock as NonNullable<Ports['lock']>
  const openChannel = fake.ports.openChannel as NonNullable<Ports['openChannel']>

  // Not createAuth: in development it keeps what the devtools show, which is no part of what is measured here.
  const options: AuthOptions<unknown, PasswordCredentials> = {
    backend: {
      ...rest,
      refresh: async (tokens, context) =>
        track('outcome of a refresh', await rest.refresh(track('tokens given to a backend', tokens), context)),
    },
    storage: {
      ...cookies,
      read() {
        stir()
        const stored = cookies.read() as StoredSession | null
        return stored && track('session read', stored)
      },
      write(session, context) {
        server.tally.writes++
        return cookies.write(track('session written', session), context)
      },
    },
  }
  const auth = createEngine(options, {
    ...fake.ports,
    fetch: server.fetch,
    readToken: readOnce,
    random: () => jitter,
    lock(name, signal, task) {
      stir()
      const run = (): Promise<void> => {
        stir()
        return track('task under the lock', task())
      }
      return track('wait for the lock', lock(name, track('signal of a wait for the lock', signal), run))
    },
    openChannel: (name, receive) =>
      openChannel(name, (message) => {
        stir()
        receive(message)
      }),
  })
  auth.subscribe(() => {})
  auth.on('refreshed', () => {})
  const api = axios.create({ baseURL: `${ORIGIN}/api`, adapter: 'fetch', env: { fetch: server.fetch } })
  attachAuth(api, auth)
  return { fake, auth, api, page: new AbortController() }
}

let last: readonly [token: string, facts: ReturnType<Ports['readToken']>] | undefined

/** As the real one, which is pure, and which every tab asks about the same token. */
function readOnce(token: string): ReturnType<Ports['readToken']> {
  if (last?.[0] !== token) last = [token, readToken(token)]
  return last[1]
}
