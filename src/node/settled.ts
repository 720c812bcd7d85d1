import type { Clock } from '../core/ports.ts'
import type { Auth } from '../core/types.ts'

const LOOK = 10

/** Resolves when no renewal is under way and whoever waited for it knows, or after `ms`. */
export function settled(auth: Auth<unknown, never>, clock: Clock, ms: number): Promise<void> {
  const began = clock.now()
  return new Promise((resolve) => {
    const look = (): void => {
      if (!auth.inspect().refreshing || Math.abs(clock.now() - began) >= ms) resolve()
      else clock.setTimeout(look, Math.min(LOOK, ms))
    }
    look()
  })
}
