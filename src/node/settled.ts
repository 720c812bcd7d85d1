import type { Clock } from '../core/ports.ts'
import type { Auth } from '../core/types.ts'

const LOOK = 10

/** Resolves when no renewal is under way, whoever waited for it knows, and the storage is `idle`; or after `ms`. */
export function settled(
  auth: Auth<unknown, never>,
  clock: Clock,
  ms: number,
  idle: () => boolean = () => true,
): Promise<void> {
  const began = clock.now()
  return new Promise((resolve) => {
    const look = (): void => {
      const still = !auth.inspect().refreshing && idle()
      if (still || Math.abs(clock.now() - began) >= ms) resolve()
      else clock.setTimeout(look, Math.min(LOOK, ms))
    }
    look()
  })
}
