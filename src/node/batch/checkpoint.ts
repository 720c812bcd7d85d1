import { isAuthError, misuse } from '../../core/errors.ts'
import type { MaybePromise } from '../../core/types.ts'

/** Where the results of a job lie. Each key has one result, for ever: the first that was put there. */
export interface CheckpointStore<Result> {
  /** What is done already, by key. */
  load(): MaybePromise<ReadonlyMap<string, Result>>
  /** Durable when it returns or resolves. False: there is a result for the key already, and that one counts. */
  put(key: string, result: Result): MaybePromise<boolean>
}

export interface CheckpointOptions<Item, Result> {
  readonly store: CheckpointStore<Result>
  /** Names an item within the job. The same item must have the same key after a restart. Default: its place, from 0. */
  readonly key?: (item: Item, place: number) => string
  /**
   * Gets the session going again when an item failed for want of one; then the item is tried once more. What it throws ends
   * the run. @example () => keeper.runNow()
   */
  readonly renew?: () => MaybePromise<unknown>
  /** Whether an error means that the session did not work. Default: an `AuthError`, or an error with the status 401. */
  readonly expired?: (error: unknown) => boolean
}

export interface CheckpointRun<Result> {
  /** In the order of the items. */
  readonly results: readonly Result[]
  /** How many items this run has worked on. */
  readonly worked: number
}

/** Handed to the work on one item. */
export interface CheckpointItem {
  /** For the server, where it can tell a second call from a first (an `Idempotency-Key` header). */
  readonly key: string
  readonly signal: AbortSignal | undefined
}

/** A job that goes on where it was stopped. */
export interface Checkpoint<Item, Result> {
  /**
   * Works on the items that have no result yet, one after the other, and saves each result before the next item begins.
   * Rejects with what the work throws; the results so far are kept, and the next call goes on with that item.
   */
  readonly run: (
    items: readonly Item[],
    work: (item: Item, context: CheckpointItem) => MaybePromise<Result>,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<CheckpointRun<Result>>
}

/**
 * Makes a batch that goes on where a 401, a crash or a restart stopped it. Each result is stored once. The work itself may
 * run twice for the one item that was under way: at least once is all that a client can promise; its key tells the server.
 * @throws AuthError `misconfigured`
 * @example
 * const job = checkpoint({ store: fileCheckpoints('state/import-17.jsonl'), renew: () => keeper.runNow() })
 * const { results } = await job.run(items, (item, { key }) => importOne(item, key))
 */
export function checkpoint<Item, Result>(options: CheckpointOptions<Item, Result>): Checkpoint<Item, Result> {
  const { store, renew, key = (_: Item, place: number) => String(place), expired = sessionFailed } = options ?? {}
  if (!store?.load || !store.put) misuse('checkpoint: no store. Pass one, for instance fileCheckpoints(path).')
  return Object.freeze<Checkpoint<Item, Result>>({
    async run(items, work, { signal } = {}) {
      const done = new Map(await store.load())
      const results: Result[] = []
      const seen = new Set<string>()
      let worked = 0
      for (const [place, item] of items.entries()) {
        const name = key(item, place)
        if (seen.has(name)) misuse(`checkpoint: two items have the key '${name}'.`)
        seen.add(name)
        if (!done.has(name)) {
          signal?.throwIfAborted()
          const context = { key: name, signal }
          worked++
          let result: Result
          try {
            result = await work(item, context)
          } catch (error) {
            if (!renew || !expired(error)) throw error
            await renew()
            result = await work(item, context)
          }
          if (!(await store.put(name, result))) {
            // Another process was first.
            const theirs = (await store.load()).get(name)
            result = theirs === undefined ? result : theirs
          }
          done.set(name, result)
        }
        results.push(done.get(name) as Result)
      }
      return { results, worked }
    },
  })
}

const sessionFailed = (error: unknown): boolean => {
  const { status, response } = (error ?? {}) as { status?: unknown; response?: { status?: unknown } }
  return isAuthError(error) || status === 401 || response?.status === 401
}
