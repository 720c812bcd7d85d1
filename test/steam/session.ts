import { onTestFinished } from 'vitest'
import { memoryStorage } from '../../src/index.ts'
import { createSteamAuth, type SteamAuth, type SteamAuthOptions } from '../../src/steam/create-steam-auth.ts'
import { ADA, type FakeSteam } from './fake-steam.ts'

/** Opens a session on a fake Steam and its clock. Ends with the test. */
export function open(steam: FakeSteam, options: Partial<SteamAuthOptions> = {}): SteamAuth {
  const { ports, ...rest } = options
  const session = createSteamAuth({
    steamId: ADA,
    storage: memoryStorage(),
    ...rest,
    ports: { clock: steam.clock, random: () => 0, fetch: steam.fetch, lock: null, ...ports },
  })
  onTestFinished(session.auth.dispose)
  return session
}

/** Waits for what needs a fake clock to run on. */
export async function during<T>(steam: FakeSteam, work: Promise<T>, ms = 10_000): Promise<T> {
  work.catch(() => {})
  await steam.clock.advance(ms)
  return work
}
