import { hostname } from 'node:os'
import { createEngine } from '../core/create-engine.ts'
import type { Clock, Ports } from '../core/ports.ts'
import type { Auth, AuthOptions, AuthStorage } from '../core/types.ts'
import type { HostStorage } from './host-storage.ts'
import { nodePorts } from './node-ports.ts'
import { noteRenewals } from './note-renewals.ts'
import { observe } from './observe.ts'
import { settled } from './settled.ts'
import { underWay } from './under-way.ts'

/** How long (ms) one call may take where the app does not say. */
const TIMEOUT = 10_000
/** The longest pause (ms) between two tries to save what could not be saved. */
const LONGEST_PAUSE = 60_000
/** A note this old (ms) is no longer that of a renewal under way. */
const UNDER_WAY = 60_000

export interface NodeAuthOptions<User = unknown, Credentials = unknown> extends AuthOptions<User, Credentials> {
  /**
   * {@link sealedFile} or {@link postgresStorage}, whose `backend` is the default of `backendName`. Any other, such as
   * `memoryStorage()`, is this process's own: no lock, no note of renewals.
   */
  readonly storage: HostStorage | AuthStorage
  /** True: the engine's timers do not keep the process alive. Default: false; it lives until `auth.close()`. */
  readonly unref?: boolean
  /** Replaces parts of the environment, for tests. */
  readonly ports?: Partial<Ports>
}

/** An {@link Auth} of a process. */
export interface NodeAuth<User = unknown, Credentials = unknown> extends Auth<User, Credentials> {
  /**
   * Ends it as `dispose()` does, but lets a renewal that is under way come to its end first: the server may have rotated the
   * refresh token already; and what is being written. Call it on SIGTERM. `within`: how long to wait for that at most, in ms.
   * Default: 10,000.
   */
  readonly close: (options?: { readonly within?: number }) => Promise<void>
}

/**
 * Makes the session engine of a process. What tabs are in a browser, processes are here: however many share the storage, one
 * of them renews, and other processes hear of what was rotated only when it is stored.
 *
 * A refresh leaves only after the storage has noted it, so a storage that cannot be written forbids rotation; what could not
 * be saved afterwards is tried again until it is. A process that finds the note of one that died renews at once, while the
 * server may still forgive.
 * @throws AuthError `misconfigured` for a missing backend or storage, or an impossible number.
 * @example
 * const storage = sealedFile({ path: 'state/ada', keys, profile: 'ada', backend: 'https://api.example.com', create: true })
 * const auth = createNodeAuth({ backend: restBackend({ baseUrl: 'https://api.example.com' }), storage })
 */
export function createNodeAuth<User = unknown, Credentials = unknown>(
  options: NodeAuthOptions<User, Credentials>,
): NodeAuth<User, Credentials> {
  const { storage, backend, unref = false, ports: replaced, ...rest } = options ?? {}
  const observed = isShared(storage) ? observe(storage) : null
  const shared = observed?.storage ?? null
  const ports = { ...nodePorts({ storage: shared ?? storage, unref }), ...replaced }
  const noted =
    shared && backend instanceof Object ? noteRenewals(backend, shared, ports.clock, rest.timeout ?? TIMEOUT) : backend
  const named = shared && { backendName: shared.backend }
  const auth = createEngine<User, Credentials>({ ...named, ...rest, storage: shared ?? storage, backend: noted }, ports)
  const stopSaving = shared ? saveAgain(auth as Auth, shared, ports.clock) : () => {}
  if (shared) void renewAfterCrash(auth as Auth, shared, ports.clock)

  const dispose = (): void => {
    stopSaving()
    auth.dispose()
  }
  return Object.freeze<NodeAuth<User, Credentials>>({
    ...auth,
    dispose,
    async close({ within = 10_000 } = {}) {
      await settled(auth as Auth, ports.clock, within, observed?.idle)
      dispose()
    },
  })
}

const isShared = (storage: HostStorage | AuthStorage): storage is HostStorage =>
  storage instanceof Object && 'noteRenewal' in storage

/** Tries to save what could not be saved, until it is. Returns the way to stop; that tries once more. */
function saveAgain(auth: Auth<unknown, never>, storage: HostStorage, clock: Clock): () => void {
  let timer: unknown = null
  let pause = 1_000
  const save = async (): Promise<void> => storage.retryWrite()
  const wait = (): void => {
    timer ??= clock.setTimeout(() => {
      timer = null
      save().then(
        () => {
          pause = 1_000
        },
        () => {
          pause = Math.min(pause * 2, LONGEST_PAUSE)
          wait()
        },
      )
    }, pause)
  }
  const leave = auth.on('storage_failed', wait)
  return () => {
    leave()
    if (timer === null) return
    clock.clearTimeout(timer)
    save().catch(() => {})
  }
}

/** Many servers forgive the second use of a refresh token for some seconds. A note of a dead process is worth the haste. */
async function renewAfterCrash(auth: Auth<unknown, never>, storage: HostStorage, clock: Clock): Promise<void> {
  try {
    const note = await storage.renewing()
    if (!note) return
    // A container that was started again has the pid and the hostname of the process that died in it.
    const former = note.pid === process.pid && note.host === hostname()
    if (!former && underWay(note, clock.now(), UNDER_WAY)) return
    await auth.ready
    if (auth.getState().status === 'authenticated') await auth.refresh()
  } catch {
    // Told by events and state.
  }
}
