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
  /** Default: `keyturn-keep`. A second queue, with `-now` behind it, is for `runNow`. */
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
   * Keeps an account from now on. Does nothing where its next run is planned already: call it for all accounts at each start.
   * An account that is being run at that moment is run once more.
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

/**
 * Keeps many accounts on many workers, over pg-boss. Each account has one job that waits in PostgreSQL for its time; the
 * worker that gets it runs the account's keeper once, and sends the next job with what the keeper remembers. A job whose
 * worker was killed is given to another one.
 *
 * Two workers may run the same account at once after such a job was given up for slow: the storage's lock makes one renewal
 * of it. Use `postgresStorage({ listen: false })` there.
 * @throws AuthError `misconfigured`
 */
export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { boss, open, queue = 'keyturn-keep', atOnce = 4, pollEvery = 2, giveUpAfter = 300, onError } = options ?? {}
  if (!boss?.work || !boss.send) misuse('createFleet: no boss. Pass a PgBoss of pg-boss 10 that was started.')
  if (typeof open !== 'function') misuse('createFleet: no open. Pass a function that makes the auth of an account.')
  const now = `${queue}-now`
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
    let result: Awaited<ReturnType<typeof once>>
    try {
      result = await once(job, false)
    } catch (error) {
      onError?.(error, job.account)
      result = { job, after: AFTER_ERROR }
    }
    // What this throws makes the queue give the job out again.
    if (result) await next(result.job, result.after)
  }
  const asked = async (job: Job): Promise<void> => {
    try {
      await once(job, true)
    } catch (error) {
      onError?.(error, job.account)
    }
  }
  const work = async (name: string, run: (job: Job) => Promise<void>): Promise<void> => {
    await boss.createQueue(name, { name, policy: 'short' })
    await boss.work(name, { batchSize: atOnce, pollingIntervalSeconds: pollEvery }, async (jobs) => {
      const batch = Promise.all(jobs.map(({ data }) => run(data as Job))).then(() => {})
      running.add(batch)
      await batch.finally(() => running.delete(batch))
    })
  }
  await work(queue, scheduled)
  await work(now, asked)

  return Object.freeze<Fleet>({
    add: async (account) => void (await next({ account, memory: null }, 0)),
    runNow: async (account) => void (await boss.send(now, { account, memory: null }, when(account, 0))),
    async stop() {
      await Promise.all([boss.offWork(queue), boss.offWork(now)])
      await Promise.allSettled(running)
    },
  })
}
