import { AuthError } from '../../../src/core/errors.ts'
import type { Clock } from '../../../src/core/ports.ts'
import type { Auth, Backend, RefreshOutcome } from '../../../src/core/types.ts'
import { memoryStorage } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { createFakeClock, type FakeClock } from '../../../src/testing/index.ts'

export interface FakeSite<C extends Clock = FakeClock> {
  readonly auth: Auth
  readonly clock: C
  readonly refreshes: number[]
  readonly signIns: number[]
  /** What the next refreshes end with; null: new tokens. */
  outcome: RefreshOutcome | null
  /** What the next sign-ins fail with. */
  refuses: AuthError | null
  /** How long (ms) a call takes. */
  delay: number
}

/** An engine on a fake clock over a backend that does as it is told. Tokens live `life` s; null: nobody knows how long. */
export function fakeSite<C extends Clock = FakeClock>(life: number | null = null, given?: C): FakeSite<C> {
  const clock = given ?? (createFakeClock({ settle: () => new Promise(setImmediate) }) as Clock as C)

  let count = 0
  const wait = () => new Promise<void>((resolve) => void clock.setTimeout(resolve, site.delay))
  const answer = () => ({
    accessToken: `access-${++count}`,
    refreshToken: `refresh-${count}`,
    expiresIn: life,
    user: { name: 'Ada' },
  })
  const backend: Backend = {
    async signIn() {
      if (site.delay) await wait()
      site.signIns.push(clock.now())
      if (site.refuses) throw site.refuses
      return answer()
    },
    async refresh() {
      if (site.delay) await wait()
      site.refreshes.push(clock.now())
      return site.outcome ?? { type: 'renewed', answer: answer() }
    },
    signOut: async () => {},
  }
  const auth = createNodeAuth({ backend, storage: memoryStorage(), ports: { clock, random: () => 0 } })
  const site: FakeSite<C> = { auth, clock, refreshes: [], signIns: [], outcome: null, refuses: null, delay: 0 }
  return site
}

export const rejected: RefreshOutcome = { type: 'rejected', error: new AuthError('rejected', 'The session is over.') }
export const unavailable: RefreshOutcome = { type: 'unavailable', error: new AuthError('unavailable', 'Down.') }
export const challenge: RefreshOutcome = {
  type: 'interaction_required',
  error: new AuthError('interaction_required', 'A challenge page.'),
}
