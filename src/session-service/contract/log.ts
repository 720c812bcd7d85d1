/** One line of the log. Holds no session id, user id, token, key or query string. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error'
  /** What happened, in a word or two, always the same for the same thing. */
  readonly event: string
  readonly [field: string]: string | number | boolean | null
}

export type Log = (entry: LogEntry) => void

/** What of an error may be logged: where it came from, and what the driver said. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown'
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.name}: ${error.message}${cause}`.slice(0, 500)
}
