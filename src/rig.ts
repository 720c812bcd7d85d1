/**
 * What `keyturn/devtools` follows and breaks of an `auth`. Bundlers take this file for the condition `development`, and
 * `no-rig.ts` for everything else: it is in no production bundle. See docs/decisions/0017.
 */
import type { Ports, TraceRecord } from './core/ports.ts'
import type { Auth, AuthOptions, Backend, Exchange, Reply, Sending, SessionTokens } from './core/types.ts'

/** Where an `auth` keeps its rig, and the page the list of them. Shared by all copies of the kit. */
const RIG: unique symbol = Symbol.for('keyturn.rig')
const RIGS: unique symbol = Symbol.for('keyturn.rigs')

/** How many records are kept for who comes later. */
const KEPT = 1_000

/** The way into one `auth`. It holds the app's own options, and no token. */
export interface Rig {
  readonly options: AuthOptions
  readonly ports: Ports
  /** The last records, oldest first. */
  readonly records: readonly TraceRecord[]
  readonly followers: Set<(record: TraceRecord) => void>
  /** null where nothing is broken. */
  readonly faults: {
    /** In place of the `fetch` that the backend gets. */
    fetch: Ports['fetch'] | null
    /** Changes what a refresh presents. */
    tokens: ((tokens: SessionTokens) => SessionTokens) | null
    /** Changes what a request is sent with, or throws in its place. */
    sending: ((sending: Sending) => Sending) | null
  }
  /** Where the last requests went that passed the kit: whole addresses, so not to be shown. */
  readonly sent: ReadonlySet<string>
  readonly disposed: () => boolean
}

type Make = <User, Credentials>(options: AuthOptions<User, Credentials>, ports: Ports) => Auth<User, Credentials>

/** Makes an `auth` with a rig. */
export function rigged<User, Credentials>(
  make: Make,
  options: AuthOptions<User, Credentials>,
  ports: Ports,
): Auth<User, Credentials> {
  const records: TraceRecord[] = []
  const sent = new Set<string>()
  let over = false
  const rig: Rig = {
    options: options as AuthOptions,
    ports,
    records,
    followers: new Set(),
    faults: { fetch: null, tokens: null, sending: null },
    sent,
    disposed: () => over,
  }
  const { faults, followers } = rig
  const trace = (record: TraceRecord) => {
    records.push(record)
    if (records.length > KEPT) records.shift()
    for (const follow of followers) follow(record)
    ports.trace?.(record)
  }
  const given = options.backend as Backend<User, Credentials> | undefined
  const backend: Backend<User, Credentials> | undefined =
    given && typeof given.refresh === 'function'
      ? Object.create(given, {
          refresh: {
            value: (tokens: SessionTokens, context: Parameters<Backend['refresh']>[1]) =>
              given.refresh(faults.tokens?.(tokens) ?? tokens, context),
          },
        })
      : given
  const auth = make({ ...options, backend } as AuthOptions<User, Credentials>, {
    ...ports,
    trace,
    fetch: (...args) => (faults.fetch ?? ports.fetch)(...args),
  })
  const exchange: Auth['exchange'] = <R extends Reply>(each: Exchange<R>) =>
    auth.exchange<R>({
      ...each,
      send: async (sending) => {
        // A request of the app is broken by `sending` alone.
        const own = { ...sending, fetch: ports.fetch }
        // It is whole, but where there is no page to resolve it against.
        if (URL.canParse(own.url)) sent.add(new URL(own.url).href)
        if (sent.size > KEPT) sent.delete([...sent][0] as string)
        return each.send(faults.sending?.(own) ?? own)
      },
    })
  const dispose = () => {
    over = true
    auth.dispose()
  }
  const page = globalThis as { [RIGS]?: WeakRef<Rig>[] }
  page[RIGS] = [...(page[RIGS] ?? []).filter((ref) => ref.deref()?.disposed() === false), new WeakRef(rig)]
  return Object.freeze(
    Object.defineProperties({} as Auth<User, Credentials>, {
      ...Object.getOwnPropertyDescriptors(auth),
      exchange: { value: exchange, enumerable: true },
      dispose: { value: dispose, enumerable: true },
      [RIG]: { value: rig },
    }),
  )
}
