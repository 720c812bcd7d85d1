import type { Clock } from '../core/ports.ts'
import type { Auth } from '../core/types.ts'

/** Resolves when the renewal under way has ended, one way or another, or after `ms`. */
export function settled(auth: Auth, clock: Clock, ms: number): Promise<void> {
  if (!auth.inspect().refreshing) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clearTimeout(timer)
      for (const leave of listening) leave()
      resolve()
    }
    const timer = clock.setTimeout(done, ms)
    const listening = [auth.on('refreshed', done), auth.on('refresh_failed', done), auth.on('signed_out', done)]
  })
}
