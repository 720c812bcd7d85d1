import { randomBytes } from 'node:crypto'
import { clearTimeout, setTimeout } from 'node:timers'
import type { Clock, Ports } from '../core/ports.ts'
import type { AuthStorage } from '../core/types.ts'
import { readToken } from '../tokens/read-token.ts'
import type { HostStorage } from './host-storage.ts'

export interface NodePortsOptions {
  /** The storage of the same `auth`: it brings the lock between processes, and tells of changes. Default: none of both. */
  readonly storage?: AuthStorage | Partial<HostStorage>
  /** True: the engine's timers do not keep the process alive. Default: false; it lives until `auth.dispose()`. */
  readonly unref?: boolean
}

/** The clock of this process. `unref`: its timers do not keep the process alive. */
export const systemClock = (unref = false): Clock => ({
  now: () => Date.now(),
  setTimeout(run, ms) {
    const timer = setTimeout(run, ms)
    return unref ? timer.unref() : timer
  },
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
})

/**
 * The surroundings of a process, for `createAuth({ ports })`; {@link createNodeAuth} uses them itself. There is no page, so
 * addresses must be given in full. There is no channel either: a storage that tells of changes takes its place.
 */
export function nodePorts({ storage, unref = false }: NodePortsOptions = {}): Ports {
  const { lock = null, watch } = (storage ?? {}) as Partial<HostStorage>
  return {
    clock: systemClock(unref),
    random: () => Math.random(),
    newId: () => randomBytes(16).toString('hex'),
    fetch: (...args) => globalThis.fetch(...args),
    readToken,
    page: null,
    lock,
    settle: null,
    openChannel: null,
    // Timers of a process that stood still ring late by themselves, and the engine then reads the clock: no signal needed.
    onWake: (wake) => watch?.(() => wake('storage')) ?? (() => {}),
  }
}
