import type { FakeClock } from 'keyturn/testing'
import { vi } from 'vitest'

/** As in Node, where a timer is an object. */
interface Handle {
  readonly clear: () => void
  readonly refresh: () => Handle
  readonly unref: () => Handle
}

/**
 * Puts the globals of time on a fake clock. Unlike Vitest's own fake timers that clock waits after each timer for what it
 * has set off: requests over real sockets, too. Returns the way back.
 */
export function installClock(clock: FakeClock): () => void {
  const arm = (run: () => void, ms: number): Handle => {
    let timer = clock.setTimeout(run, ms)
    const handle: Handle = {
      clear: () => clock.clearTimeout(timer),
      // undici, which is Node's `fetch`, uses one timer again and again.
      refresh: () => {
        handle.clear()
        timer = clock.setTimeout(run, ms)
        return handle
      },
      unref: () => handle,
    }
    return handle
  }
  const clear = (handle?: Handle) => handle?.clear()
  const spy = vi.spyOn(Date, 'now').mockImplementation(clock.now)
  vi.stubGlobal('setTimeout', (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    arm(() => run(...args), ms),
  )
  vi.stubGlobal('setInterval', (run: () => void, ms: number) => {
    const handle = arm(() => {
      handle.refresh()
      run()
    }, ms)
    return handle
  })
  vi.stubGlobal('clearTimeout', clear)
  vi.stubGlobal('clearInterval', clear)
  return () => {
    vi.unstubAllGlobals()
    spy.mockRestore()
  }
}
