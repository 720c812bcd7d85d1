import { AuthError, type AuthErrorCode, isAuthError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { settled } from '../settled.ts'
import { isDue } from './due.ts'
import { callHook, faultOf } from './fault.ts'
import { countSignIn } from './memory.ts'
import { onPurpose, type State } from './state.ts'
import type { Fault, KeeperOptions, Run, RunOutcome } from './types.ts'

/** How long (ms) the hooks of the app may take. A sign-in may go through a browser. */
const HEALTH_LIMIT = 30_000
const SIGN_IN_LIMIT = 180_000

interface Want {
  /** Ask the site, too. */
  readonly health: boolean
  /** Renew, whatever is due, and whatever failed before. */
  readonly force: boolean
}

interface Result {
  readonly outcome: RunOutcome
  readonly error?: Fault
}

/** The runs of a keeper: one at a time. Whoever asks meanwhile joins it. */
export interface Rounds {
  current(): Run | null
  run(want: Want): Promise<Run>
  /** Waits for the run under way, `ms` at most. */
  finish(ms: number): Promise<void>
}

export function createRounds(
  options: KeeperOptions,
  clock: Clock,
  random: () => number,
  life: AbortSignal,
  state: State,
): Rounds {
  const { auth, health, signIn } = options
  let current: Run | null = null
  let forced = false
  let flight: Promise<Run> | null = null
  let count = 0

  /** false: the site says that it does not work. null: it does not say. */
  const ask = async (): Promise<boolean | null> => {
    if (!health) return null
    try {
      const valid = await callHook(clock, life, HEALTH_LIMIT, health)
      state.checked(valid)
      return valid
    } catch {
      return null
    }
  }

  /** Waits longer than a request would: a renewal by a browser, with a second factor, may take a minute. */
  const refresh = async (): Promise<void> => {
    const { version } = auth.inspect()
    try {
      await auth.refresh()
    } catch (error) {
      if (life.aborted || !auth.inspect().refreshing) throw error
      await settled(auth, clock, SIGN_IN_LIMIT)
      const { version: now, lastError } = auth.inspect()
      if (now !== version && auth.getState().status === 'authenticated') return
      // What was told above may be of an earlier try.
      throw lastError ? new AuthError(lastError.code as AuthErrorCode, lastError.message) : error
    }
  }
  const renew = async (): Promise<Result> => {
    try {
      await refresh()
    } catch (error) {
      const code = isAuthError(error) ? error.code : ''
      if (code === 'disposed') return { outcome: 'stopped' }
      // Whoever asks for it may have mended what the engine still holds against the session.
      if (code === 'interaction_required' && forced && signIn) return begin(error)
      if (code === 'interaction_required') return { outcome: 'interaction_required', error: state.callPerson(error) }
      if (auth.getState().status === 'unauthenticated') return begin(error)
      return { outcome: 'unavailable', error: state.failed(error) }
    }
    if ((await ask()) === false) {
      const error = new AuthError(
        'token_refused',
        'The session was renewed, and the site says that it still does not work.',
      )
      return { outcome: 'unavailable', error: state.failed(error) }
    }
    if (!health) state.checked(true)
    state.works()
    return { outcome: 'renewed' }
  }

  /** Nobody is signed in: the hook, else a person. */
  const begin = async (why: unknown): Promise<Result> => {
    const call = (error: unknown): Result => ({ outcome: 'interaction_required', error: state.callPerson(error) })
    if (!signIn) return call(why)
    const counted = forced ? state.memory() : countSignIn(state.memory(), state.limits, clock.now())
    if (!counted) {
      const message = `The session was signed in ${state.limits.signInsPerDay} times within a day, and ended each time.`
      return call(new AuthError('interaction_required', message))
    }
    state.change(counted)
    try {
      await callHook(clock, life, SIGN_IN_LIMIT, signIn)
      if (auth.getState().status !== 'authenticated')
        throw new AuthError('unauthenticated', 'The signIn hook came to its end, and nobody is signed in.')
    } catch (error) {
      if (life.aborted) return { outcome: 'stopped' }
      const code = isAuthError(error) ? error.code : ''
      if (code === 'interaction_required') return call(error)
      const fault = state.failed(error)
      if (code !== 'credentials_rejected') return { outcome: 'unavailable', error: fault }
      const refused = state.memory().refused + 1
      state.change({ ...state.memory(), refused })
      // More tries with the same password only lock the account.
      return refused >= state.limits.refused ? call(error) : { outcome: 'unavailable', error: fault }
    }
    if ((await ask()) === null) state.checked(true)
    state.works()
    return { outcome: 'signed_in' }
  }

  const round = async ({ health: asking }: Want): Promise<Result> => {
    const shown = await auth.ready.then(auth.getState)
    const { person, pausedUntil } = state.memory()
    const resting = clock.now() < pausedUntil || !!person
    if (shown.status === 'unauthenticated') {
      if (!forced && onPurpose(shown.reason)) return { outcome: 'signed_out' }
      if (!forced && resting) return { outcome: 'skipped', ...(person && { error: person.why }) }
      return begin(shown.error ?? new AuthError('unauthenticated', 'Nobody is signed in. Sign in once by hand.'))
    }
    state.forecast()
    const valid = asking ? await ask() : null
    if (life.aborted) return { outcome: 'stopped' }
    const due = valid === false || isDue(auth.inspect(), options, clock.now())
    // A person may have mended it, and the site knows.
    if (valid && !due) state.works()
    if (!due && !forced) return { outcome: 'fresh' }
    if (resting && !forced) return { outcome: 'skipped', ...(person && { error: person.why }) }
    return renew()
  }

  const fly = async (want: Want): Promise<Run> => {
    const startedAt = clock.now()
    const id = `${startedAt.toString(36)}-${++count}-${Math.floor(random() * 1e9).toString(36)}`
    current = Object.freeze({ id, startedAt, endedAt: null, outcome: null, error: null })
    let result: Result
    try {
      result = await round(want)
      // Asked for more while it looked.
      if (result.outcome === 'fresh' && forced) result = await round(want)
    } catch (error) {
      result = { outcome: life.aborted ? 'stopped' : 'unavailable', error: faultOf(error) }
    }
    const { outcome, error = null } = result
    const run = Object.freeze<Run>({ id, startedAt, endedAt: clock.now(), outcome, error })
    current = flight = null
    forced = false
    state.ran(run)
    return run
  }

  return {
    current: () => current,
    run(want) {
      forced ||= want.force
      if (life.aborted) {
        const now = clock.now()
        return Promise.resolve({ id: 'none', startedAt: now, endedAt: now, outcome: 'stopped', error: null })
      }
      flight ??= fly(want)
      return flight
    },
    finish: (ms) =>
      new Promise<void>((resolve) => {
        const done = (): void => {
          clock.clearTimeout(timer)
          resolve()
        }
        const timer = clock.setTimeout(done, ms)
        void Promise.allSettled([flight, settled(auth, clock, ms)]).then(done)
      }),
  }
}
