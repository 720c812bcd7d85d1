import { misuse } from '../../core/errors.ts'
import type { Timer } from '../../core/ports.ts'
import type { Auth } from '../../core/types.ts'
import type { NodeAuth } from '../create-node-auth.ts'
import { systemClock } from '../node-ports.ts'
import { metricsOf } from './memory.ts'
import { createRounds } from './rounds.ts'
import { createState, onPurpose } from './state.ts'
import type { Keeper, KeeperOptions, KeeperStatus, Run } from './types.ts'

const HOUR = 3_600_000
/** `stop()` leaves a renewal that is under way this long (ms), to be saved. */
const STOP_WITHIN = 900
/** No timer of Node is longer. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Keeps a session alive in a process, for weeks: looks every so often whether something is due, asks the site whether the
 * session still works, renews or signs in again, waits longer after each failure, and calls a person once when only a person
 * can help. Beside it the engine goes on to renew on a 401 and before tokens end: the keeper and all callers share one
 * renewal.
 *
 * It does not evade anything: a challenge, a captcha or a second factor without its secret call for a person.
 * @throws AuthError `misconfigured` for a missing `auth`, or an impossible number.
 * @example
 * const keeper = createKeeper({ auth, checkEvery: 6 * 3_600_000, renewIfOlderThan: 2 * 86_400_000, notify: tellSlack })
 * process.once('SIGTERM', () => keeper.stop())
 */
export function createKeeper(options: KeeperOptions): Keeper {
  check(options)
  const { auth, checkEvery = HOUR, healthEvery = checkEvery, clock = systemClock(), random = Math.random } = options
  const timed = options.timer !== false
  const life = new AbortController()
  const state = createState(options, clock, random, life.signal)
  const rounds = createRounds(options, clock, random, life.signal, state)

  let stopping: Promise<void> | null = null
  let timer: Timer | null = null
  let nextRunAt: number | null = null
  let healthAt = clock.now()

  const wait = (ms: number): void => {
    // A check that was under way ends while it is being stopped.
    if (stopping) return
    if (timer !== null) clock.clearTimeout(timer)
    nextRunAt = clock.now() + ms
    if (timed) timer = clock.setTimeout(tick, Math.min(ms, LONGEST_TIMER))
  }
  /** Spread, so that a thousand keepers that were started together do not ask together. */
  const spread = (ms: number): number => ms * (1 - random() / 10)
  const tick = async (): Promise<void> => {
    timer = null
    const now = clock.now()
    if (nextRunAt !== null && now < nextRunAt) return wait(nextRunAt - now)
    // While something fails, the site is asked at each try.
    const health = now >= healthAt || state.memory().failures > 0
    if (health) healthAt = now + spread(healthEvery)
    await rounds.run({ health, force: false })
    plan()
  }
  /** The next check; sooner where a failure is to be tried again, or the tokens end before. */
  const plan = (): void => {
    const now = clock.now()
    const { pausedUntil, failures } = state.memory()
    const { expiresAt } = auth.inspect()
    const near = expiresAt === null || !options.renewBefore ? Infinity : expiresAt - options.renewBefore
    // What lies behind has just been tried.
    const ahead = [near, failures ? pausedUntil : Infinity, healthAt].filter((at) => at > now)
    wait(Math.min(now + spread(checkEvery), ...ahead) - now)
  }

  const leave = auth.on('signed_out', ({ reason }) => {
    if (!onPurpose(reason) && !rounds.current()) wait(0)
  })
  wait(0)

  const status = (): KeeperStatus => {
    const { person, failures } = state.memory()
    const { lastError, checkedAt, valid, lastRun } = state.seen()
    const shown = auth.getState()
    const endsAt = state.endsAt()
    const active = shown.status === 'authenticated'
    const away = shown.status === 'unauthenticated' && onPurpose(shown.reason)
    return Object.freeze<KeeperStatus>({
      name: state.name,
      state: life.signal.aborted
        ? 'stopped'
        : person
          ? 'person_needed'
          : away
            ? 'signed_out'
            : failures
              ? 'failing'
              : 'ok',
      active,
      valid: active ? valid : checkedAt === null ? null : false,
      checkedAt,
      renewedAt: auth.inspect().receivedAt,
      nextRunAt: life.signal.aborted ? null : nextRunAt,
      failCount: failures,
      lastError,
      person,
      endsAt,
      endsIn: endsAt === null ? null : Math.max(endsAt - clock.now(), 0),
      running: rounds.current()?.id ?? null,
      lastRun,
      scheduler: timed ? 'process' : 'none',
      metrics: metricsOf(state.memory()),
    })
  }

  const stop = async (): Promise<void> => {
    leave()
    if (timer !== null) clock.clearTimeout(timer)
    timer = nextRunAt = null
    const began = clock.now()
    // What has been asked of the server comes in and is saved; a notice that is on its way arrives.
    await Promise.all([rounds.finish(STOP_WITHIN), state.finish(STOP_WITHIN)])
    life.abort()
    state.close()
    // An end is saved as well, or the next process would find it once more.
    const { close = auth.dispose } = auth as Partial<NodeAuth> & Pick<Auth, 'dispose'>
    await close({ within: Math.max(STOP_WITHIN - Math.abs(clock.now() - began), 0) })
  }

  return Object.freeze<Keeper>({
    async runNow({ wait: limit = Infinity, force = true } = {}): Promise<Run> {
      if (!(limit >= 0)) misuse(`runNow: wait must be 0 ms or more, not ${limit}.`)
      const done = rounds.run({ health: true, force }).then((run) => {
        plan()
        return run
      })
      if (limit === Infinity) return done
      let late: Timer | null = null
      const early = new Promise<Run>((resolve) => {
        late = clock.setTimeout(() => resolve(rounds.current() ?? done), limit)
      })
      return Promise.race([done, early]).finally(() => clock.clearTimeout(late))
    },
    status,
    on: state.on,
    reset: state.reset,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  })
}

function check(options: KeeperOptions): void {
  const { auth, checkEvery, limits } = options ?? {}
  if (!auth?.refresh || !auth.inspect) misuse('createKeeper: no auth. Pass one, made by createNodeAuth.')
  const { renewIfOlderThan, renewBefore, healthEvery, warnWithin } = options
  const spans = { renewIfOlderThan, renewBefore, warnWithin, ...limits }
  for (const [name, value] of Object.entries(spans))
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      misuse(`createKeeper: ${name} must be a number of ms, 0 or more, not ${value}.`)
  for (const [name, value] of Object.entries({ checkEvery, healthEvery }))
    if (value !== undefined && !(Number.isFinite(value) && value > 0))
      misuse(`createKeeper: ${name} must be more than 0 ms, not ${value}.`)
}
