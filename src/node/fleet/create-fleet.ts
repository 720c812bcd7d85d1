import { misuse } from '../../core/errors.ts'
import type { MaybePromise } from '../../core/types.ts'
import { createKeeper } from '../keeper/create-keeper.ts'
import type { KeeperMemory, KeeperOptions } from '../keeper/types.ts'
import type { Boss, BossSendOptions } from './boss.ts'

export interface FleetOptions {
  /** A `PgBoss` of pg-boss 10 that was started. It stays yours to stop. */
  readonly boss: Boss
  /**
   * Opens one account for one run: its `auth`, and what its keeper should do. The keeper ends the `auth` after the run. null:
   * the account is no longer kept.
   */
  readonly open: (account: string) => MaybePromise<FleetKeeperOptions | null>
  /** Default: `keyturn-keep`. Beside it, `-now` is for `runNow`, and `-claims` for whose run it is. */
  readonly queue?: string
  /** How many accounts this worker runs at a time. Default: 4. */
  readonly atOnce?: number
  /** How often this worker asks for jobs, in s. Default: 2. */
  readonly pollEvery?: number
  /** After how long (s) a run whose worker was killed is given to another one; and how long one may take. Default: 300. */
  readonly giveUpAfter?: number
  /** What went wrong around a run: an account that could not be opened, a queue that could not be reached. */
  readonly onError?: (error: unknown, account: string) => void
}

/** Options of a keeper, but for what the queue does: it holds the time, and the memory. */
export type FleetKeeperOptions = Omit<KeeperOptions, 'timer' | 'memory'>

export interface Fleet {
  /**
   * Keeps an account from now on. Does nothing where its next run is planned already, or plans itself because it is being run
   * at that moment: call it for all accounts at each start.
   */
  readonly add: (account: string) => Promise<void>
  /** Has a worker renew an account now, whatever is due. */
  readonly runNow: (account: string) => Promise<void>
  /** Takes no further jobs, and waits for those under way. Other workers go on. */
  readonly stop: () => Promise<void>
}

interface Job {
  readonly account: string
  readonly memory: KeeperMemory | null
}

/** When an account could not be opened, in s. */
const AFTER_ERROR = 60
/** When another worker runs the same account, in s. */
const AFTER_OTHER = 1

/**
 * Keeps many accounts on many workers, over pg-boss. Each account has one job that waits in PostgreSQL for its time; the
 * worker that gets it runs the account's keeper once, and sends the next job with what the keeper remembers. A job whose
 * worker was killed is given to another one.
 *
 * An account is run by one worker at a time, asked for or planned, or two would sign in; as long as a run ends within
 * `giveUpAfter`. Use `postgresStorage({ listen: false })` there.
 * @throws AuthError `misconfigured`
 */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { boss, open, queue = 'keyturn-keep', atOnce = 4, pollEvery = 2, giveUpAfter = 300, onError } = options ?? {}
  if (!boss?.work || !boss.send || !boss.deleteJob)
    misuse('createFleet: no boss. Pass a PgBoss of pg-boss 10 that was started.')
  if (typeof open !== 'function') misuse('createFleet: no open. Pass a function that makes the auth of an account.')
  const now = `${queue}-now`
  const claims = `${queue}-claims`
  const running = new Set<Promise<void>>()

  const when = (account: string, startAfter: number): BossSendOptions => ({
    singletonKey: account,
    startAfter,
    expireInSeconds: giveUpAfter,
    // A run that fails by itself comes to its end here; only a killed worker's is taken up again, and always.
    retryLimit: 1_000_000,
    retryDelay: 1,
  })
  const next = (job: Job, seconds: number): Promise<string | null> => boss.send(queue, job, when(job.account, seconds))

  /**
   * Runs the task unless another worker is at the same. Nobody works on the queue of claims: what waits there is who has one.
   * That of a killed worker is removed when its job is given up; so is one that could not be removed here.
   * @returns false: another one is at it
   */
  const claim = async (what: 'plan' | 'run', account: string, task: () => Promise<void>): Promise<boolean> => {
    const id = await boss.send(claims, {}, { singletonKey: `${what} ${account}`, retentionSeconds: giveUpAfter })
    if (!id) return false
    try {
      await task()
    } finally {
      try {
        await boss.deleteJob(claims, id)
      } catch (error) {
        // What the run came to counts all the same.
        onError?.(error, account)
      }
    }
    return true
  }

  /** Runs an account once, and tells what its next job is to know and when (s) it is due; null: it is no longer kept. */
  const once = async (job: Job, force: boolean): Promise<{ readonly job: Job; readonly after: number } | null> => {
    const opened = await open(job.account)
    if (!opened) return null
    let { memory } = job
    const place = {
      read: () => memory,
      write(changed: KeeperMemory) {
        memory = changed
      },
    }
    const keeper = createKeeper({ name: job.account, ...opened, timer: false, memory: place })
    // Shorter than the queue gives: what runs on is ended before another worker begins.
    const { endedAt, startedAt } = await keeper.runNow({ force, wait: giveUpAfter * 900 })
    const { nextRunAt } = keeper.status()
    await keeper.stop()
    const after = Math.max(Math.ceil(((nextRunAt ?? 0) - (endedAt ?? startedAt)) / 1000), 1)
    return { job: { account: job.account, memory }, after }
  }
  const scheduled = async (job: Job): Promise<void> => {
    let result: Awaited<ReturnType<typeof once>> = { job, after: AFTER_OTHER }
    const run = async (): Promise<void> => {
      try {
        result = await once(job, false)
      } catch (error) {
        onError?.(error, job.account)
        result = { job, after: AFTER_ERROR }
      }
    }
    // What this throws makes the queue give the job out again.
    const plan = async (): Promise<void> => {
      await claim('run', job.account, run)
      if (result) await next(result.job, result.after)
    }
    if (!(await claim('plan', job.account, plan))) await next(job, AFTER_OTHER)
  }
  const ask = (account: string, after: number): Promise<string | null> =>
    boss.send(now, { account, memory: null }, when(account, after))
  const asked = async (job: Job): Promise<void> => {
    const run = async (): Promise<void> => {
      try {
        await once(job, true)
      } catch (error) {
        onError?.(error, job.account)
      }
    }
    if (!(await claim('run', job.account, run))) await ask(job.account, AFTER_OTHER)
  }
  const work = async (name: string, run: (job: Job) => Promise<void>): Promise<void> => {
    await boss.createQueue(name, { name, policy: 'short' })
    await boss.work(name, { batchSize: atOnce, pollingIntervalSeconds: pollEvery }, async (jobs) => {
      const batch = Promise.all(jobs.map(({ data }) => run(data as Job))).then(() => {})
      running.add(batch)
      await batch.finally(() => running.delete(batch))
    })
  }
  await boss.createQueue(claims, { name: claims, policy: 'short' })
  await work(queue, scheduled)
  await work(now, asked)

  return Object.freeze<Fleet>({
    // Not while it is run: what the keeper then remembers would be lost, for one job of each account waits.
    add: async (account) =>
      void (await claim('plan', account, async () => void (await next({ account, memory: null }, 0)))),
    runNow: async (account) => void (await ask(account, 0)),
    async stop() {
      await Promise.all([boss.offWork(queue), boss.offWork(now)])
      await Promise.allSettled(running)
    },
  })
}
