/** What is left in memory, and who listens. */
import { getEventListeners } from 'node:events'
import { getHeapSpaceStatistics, queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
// Else the heap shrinks whenever the code of a function has not run for a while.
setFlagsFromString('--no-flush-bytecode')
const collectGarbage = runInNewContext('gc') as () => void

/** Lets go of all garbage, and tells whoever waits for that. */
export async function collect(): Promise<void> {
  // What is finalised may have held more; and finalisers run in tasks of their own.
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

export interface Retained {
  /** Everything that inherits from `Object.prototype`: objects, arrays, functions, promises, signals, errors. */
  readonly objects: number
  /** The heap without machine code, which comes and goes with the compiler's moods. */
  readonly bytes: number
}

export async function retained(): Promise<Retained> {
  await collect()
  // Node prints a warning for everything experimental.
  const { emitWarning } = process
  process.emitWarning = () => {}
  const objects = queryObjects(Object, { format: 'count' })
  process.emitWarning = emitWarning
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith('code'))
  return { objects: Number(objects), bytes: spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0) }
}

/** Every signal that is made while `run` runs and has not aborted at its end: those that live as long as the page. */
export async function signalsMadeBy(run: () => Promise<void>): Promise<readonly AbortSignal[]> {
  const { AbortController: Real } = globalThis
  const signals: AbortSignal[] = []
  globalThis.AbortController = class extends Real {
    constructor() {
      super()
      signals.push(this.signal)
    }
  }
  try {
    await run()
  } finally {
    globalThis.AbortController = Real
  }
  return signals.filter(({ aborted }) => !aborted)
}

export const listenersOf = (signals: readonly AbortSignal[]): number =>
  signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0)
