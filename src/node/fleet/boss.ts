/** What is needed of a `PgBoss` (pg-boss 10), so that this entry needs no pg-boss. */
export interface Boss {
  createQueue(name: string, options: { name: string; policy: 'short' }): Promise<void>
  send(name: string, data: object, options: BossSendOptions | BossClaimOptions): Promise<string | null>
  deleteJob(name: string, id: string): Promise<void>
  work(
    name: string,
    options: { batchSize: number; pollingIntervalSeconds: number },
    handler: (jobs: { data: unknown }[]) => Promise<unknown>,
  ): Promise<string>
  offWork(name: string): Promise<void>
}

export interface BossSendOptions {
  /** Of a queue with the policy `short`, one job of each key waits. */
  readonly singletonKey: string
  /** In seconds. */
  readonly startAfter: number
  readonly expireInSeconds: number
  readonly retryLimit: number
  readonly retryDelay: number
}

export interface BossClaimOptions {
  readonly singletonKey: string
  /** In seconds. What waits longer than that is removed. */
  readonly retentionSeconds: number
}
