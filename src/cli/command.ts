/** What a command gets from the outside, so that a test can run one. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  out(line: string): void
  err(line: string): void
  /** Asks the person who sits there, and shows nothing of the answer if it is a secret. null: nobody sits there. */
  ask(question: string, secret: boolean): Promise<string | null>
  /** How far it is, where a person watches; absent elsewhere. Each replaces the last. */
  progress?(line: string): void
  /** Calls `stop` when the process is asked to end (SIGTERM, SIGINT). */
  onEnd(stop: () => void): void
}

/** Resolves with the exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>
