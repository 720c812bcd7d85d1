import type { Clock } from '../contract/clock.ts'
import { SessionServiceError } from '../contract/errors.ts'
import type { SigningKey } from '../ids/session-id.ts'
import type { KeySource } from './key-source.ts'

export interface KeyRingOptions {
  readonly source: KeySource
  readonly clock: Clock
  /** Milliseconds after which the keys are asked for again. */
  readonly refreshEvery: number
  onLoad?(outcome: { readonly keys: number } | { readonly error: unknown }): void
}

/** The signing keys that this process knows. Once it has some, it never has none. */
export interface KeyRing {
  /** The key that signs; null as long as there was none. */
  readonly signing: SigningKey | null
  /** When (ms since 1970) the keys were last received; null for never. */
  readonly loadedAt: number | null
  get(kid: string): SigningKey | undefined
  /** Asks for the keys again if it is time. Waits only while there are none at all. */
  keepFresh(): Promise<void> | undefined
  /**
   * The key of a name that is not known here: another process may have heard of a rotation first. Asks the source at most once a
   * second, for all who want to know. Rejects with `store_unavailable`'s kind of error when the source cannot be asked: then nobody
   * knows whether the id is good.
   */
  look(kid: string): Promise<SigningKey | undefined>
}

/** Milliseconds between two questions to the source, however many want to know. */
const PAUSE = 1_000

export function createKeyRing({ source, clock, refreshEvery, onLoad }: KeyRingOptions): KeyRing {
  let keys: readonly SigningKey[] = source.fixed ?? []
  let byKid = new Map(keys.map((key) => [key.kid, key]))
  let loadedAt = keys.length ? clock.now() : null
  let startedAt = Number.NEGATIVE_INFINITY
  let flight: Promise<boolean> | null = null
  let queued: Promise<boolean> | null = null

  const load = async (): Promise<boolean> => {
    startedAt = clock.now()
    try {
      keys = await source.load()
      byKid = new Map(keys.map((key) => [key.kid, key]))
      loadedAt = clock.now()
      onLoad?.({ keys: keys.length })
      return true
    } catch (error) {
      onLoad?.({ error })
      return false
    }
  }
  const join = (): Promise<boolean> => {
    flight ??= load().finally(() => {
      flight = null
    })
    return flight
  }
  /** A clock that was set back must not stop the questions. */
  const since = () => Math.abs(clock.now() - startedAt)
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms))
  /** A question that begins after this call. */
  const later = (): Promise<boolean> => {
    queued ??= (async () => {
      await flight
      if (since() < PAUSE) await pause(PAUSE - since())
      queued = null
      return join()
    })()
    return queued
  }

  return Object.freeze({
    get signing() {
      return keys[0] ?? null
    },
    get loadedAt() {
      return loadedAt
    },
    get: (kid) => byKid.get(kid),
    keepFresh() {
      if (source.fixed) return undefined
      if (loadedAt === null) return flight || since() >= PAUSE ? join().then(() => {}) : undefined
      // After a failure the next try comes after a tenth of the time.
      const due = startedAt > loadedAt ? refreshEvery / 10 : refreshEvery
      if (!flight && since() >= due) void join()
      return undefined
    },
    async look(kid) {
      if (source.fixed) return undefined
      if (!(await later()))
        throw new SessionServiceError(
          'not_ready',
          'The signing key of this id is not known, and the secrets service cannot be asked right now.',
        )
      return byKid.get(kid)
    },
  } satisfies KeyRing)
}
