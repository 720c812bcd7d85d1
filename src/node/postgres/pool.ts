/** What is needed of `pg`'s `Pool`, so that this entry needs no `pg`. */
export interface PgPool {
  query(text: string, values?: readonly unknown[]): Promise<PgResult>
  connect(): Promise<PgClient>
}

export interface PgResult {
  readonly rows: readonly Record<string, unknown>[]
  readonly rowCount: number | null
}

/** What LISTEN tells. */
export interface PgMessage {
  readonly channel: string
  readonly payload?: string | undefined
}

/** A connection of its own. */
export interface PgClient {
  query(text: string, values?: readonly unknown[]): Promise<PgResult>
  on(event: string, listener: (message: PgMessage) => void): unknown
  off(event: string, listener: (message: PgMessage) => void): unknown
  /** true: it is not to be used again. */
  release(destroy?: boolean): void
}

/** Gives a connection away for good when it fails, and says so. A pool's client without a listener would end the process. */
export function onLost(client: PgClient, lost: () => void): () => void {
  client.on('error', lost)
  client.on('end', lost)
  return () => {
    client.off('error', lost)
    client.off('end', lost)
    // Between here and its return to the pool; once, for the pool hands the same client out again and again.
    client.off('error', ignore)
    client.on('error', ignore)
  }
}

const ignore = (): void => {}
