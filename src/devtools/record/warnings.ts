import type { Rig } from '../../rig.ts'
import { type AnyAuth, rigsOfPage } from './find-rig.ts'

/** A usual mistake, or what the engine itself reports. */
export interface Warning {
  /** The same for the same mistake. */
  readonly key: string
  readonly text: string
  readonly count: number
}

/** More bytes than this in the cookies of the page are too many: servers refuse headers over 8 kB. */
const COOKIES = 4_096
/** So many requests past the kit are no coincidence. */
const PAST = 2

interface Looked {
  readonly cookies: string
  /** How many requests of scripts the page has sent, but for those of the backend. */
  readonly requests: number
  /** Whether any went through the kit. */
  readonly attached: boolean
  /** Requests that were answered 401 and did not go through the kit: their addresses, without the query. */
  readonly refused: readonly string[]
  readonly signedIn: boolean
  /** How many engines use the storage of this name in this page. */
  readonly engines: number
}

/** What is wrong with how the kit is set up, as far as can be seen. */
export function judgeSetup({ cookies, requests, attached, refused, signedIn, engines }: Looked): Warning[] {
  const found: Warning[] = []
  const warn = (key: string, text: string) => found.push({ key, text, count: 1 })
  if (engines > 1)
    warn(
      'engines',
      `There are ${engines} engines for one storage in this page. Call createAuth() once, outside of components, and dispose() of the old one on hot reload.`,
    )
  if (cookies.length > COOKIES)
    warn(
      'cookies',
      `The cookies of this page take ${cookies.length} bytes, in each request. Servers refuse headers over 8 kB: keep claims and user small (toUser).`,
    )
  if (signedIn && !attached && requests >= PAST)
    warn(
      'attach',
      `${requests} requests left this page and none went through the kit. Call attachAuth(instance, auth), or use createAuthFetch(auth).`,
    )
  if (signedIn)
    for (const address of refused)
      warn(
        `past ${address}`,
        `${address} answered 401 to a request that did not go through the kit. Call attachAuth(instance, auth) for the instance that sends it, or use createAuthFetch(auth).`,
      )
  return found
}

export interface Warnings {
  readonly list: () => readonly Warning[]
  readonly subscribe: (listener: () => void) => () => void
  /** Looks again at what can only be looked at. */
  readonly look: () => void
  readonly close: () => void
}

/** Collects what the engine reports, and looks at the set-up. */
export function createWarnings(auth: AnyAuth, rig: Rig | null): Warnings {
  const told = new Map<string, Warning>()
  const listeners = new Set<() => void>()
  let setup: readonly Warning[] = []
  let attached = false
  let list: readonly Warning[] = []
  const backendPaths = new Set<string>()

  const changed = () => {
    const next = [...setup, ...told.values()]
    if (JSON.stringify(next) === JSON.stringify(list)) return
    list = next
    for (const listener of [...listeners]) listener()
  }
  const tell = (key: string, text: string) => {
    told.set(key, { key, text, count: (told.get(key)?.count ?? 0) + 1 })
    changed()
  }
  const stops = [
    auth.on('diagnostic', ({ error }) => tell(error.message, error.message)),
    auth.on('storage_failed', ({ error }) => tell(error.message, error.message)),
  ]
  const take = ({ step, ...rest }: Rig['records'][number]) => {
    if (step === 'request') attached = true
    if (step === 'outcome' && 'status' in rest && rest.status === 404)
      tell('404', 'The refresh was answered 404: there is no such address. Look at paths.refresh of the backend.')
  }
  if (rig) {
    for (const record of rig.records) take(record)
    rig.followers.add(take)
    stops.push(() => rig.followers.delete(take))
  }

  return {
    list: () => list,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    look() {
      const key = rig?.options.storage.key
      const base = rig?.options.backend.baseUrl
      if (base) backendPaths.add(new URL(base, document.baseURI).href)
      const sent = (performance.getEntriesByType?.('resource') ?? []) as PerformanceResourceTiming[]
      const past = sent.filter((entry) => entry.responseStatus === 401 && !rig?.sent.has(entry.name))
      setup = judgeSetup({
        cookies: document.cookie,
        requests: sent.filter((entry) => isOfApp(entry, backendPaths)).length,
        attached: attached || !rig,
        refused: rig ? [...new Set(past.filter((entry) => !isOfBackend(entry, backendPaths)).map(addressOf))] : [],
        signedIn: auth.getState().status === 'authenticated',
        engines: key ? rigsOfPage().filter(({ options }) => options.storage.key === key).length : 0,
      })
      changed()
    },
    close() {
      for (const stop of stops) stop()
      listeners.clear()
    },
  }
}

/** A request of the app's scripts to its own API, and not one of the backend to the auth server. */
function isOfApp(entry: PerformanceResourceTiming, bases: ReadonlySet<string>): boolean {
  return isOfScript(entry) && [...bases].some((base) => entry.name.startsWith(base)) && !isOfBackend(entry, bases)
}

/** A call to the auth server, or something that no script asked for. */
function isOfBackend(entry: PerformanceResourceTiming, bases: ReadonlySet<string>): boolean {
  if (!isOfScript(entry)) return true
  return [...bases].some(
    (base) => entry.name.startsWith(base) && /auth|token|session|login|logout/.test(entry.name.slice(base.length)),
  )
}

const isOfScript = ({ initiatorType }: PerformanceResourceTiming): boolean =>
  initiatorType === 'fetch' || initiatorType === 'xmlhttprequest'

function addressOf({ name }: PerformanceResourceTiming): string {
  const { origin, pathname } = new URL(name)
  return origin + pathname
}
