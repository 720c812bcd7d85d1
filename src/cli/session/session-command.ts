import { parseArgs } from 'node:util'
import { type AuthError, isAuthError } from '../../core/errors.ts'
import type { Command, Terminal } from '../command.ts'
import { type KeptSession, openSession } from './open-session.ts'

/** Done. */
export const DONE = 0
/** Something is set up wrongly: a file, a key, the configuration. */
const WRONG = 1
const USAGE = 2
/** A person is needed. */
export const PERSON = 10
/** Passing trouble: the next run may do. */
const PASSING = 20

const CODES: Partial<Record<AuthError['code'], number>> = {
  interaction_required: PERSON,
  rejected: PERSON,
  unauthenticated: PERSON,
  credentials_rejected: PERSON,
  misconfigured: WRONG,
  storage_failed: WRONG,
}

/** What a command found: shown as lines, or with `--json` as an object. Never a value of a cookie or token. */
export interface Result {
  readonly exit: number
  readonly facts: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

interface Definition {
  readonly name: string
  readonly help: string
  /** Flags of its own, beside those of all. */
  readonly flags?: readonly string[]
  /** The files may be made. */
  readonly creates?: boolean
  run(session: KeptSession, terminal: Terminal, flags: Readonly<Record<string, unknown>>): Promise<Result>
}

const COMMON = `
  --profile NAME   whose session; default: default
  --config FILE    default: keyturn.config.mjs
  --json           one line of JSON
  --help

Exit codes: 0 done, 10 a person is needed, 20 passing trouble, 1 something is set up wrongly, 2 wrong usage.`

/** Reads arguments, opens the session, runs, and tells the result. */
export function sessionCommand({ name, help, flags = [], creates = false, run }: Definition): Command {
  const usage = `keyturn ${name}: ${help}\n${COMMON}`
  return async (args, terminal) => {
    const own = Object.fromEntries(flags.map((flag) => [flag, { type: 'boolean' as const }]))
    let values: Readonly<Record<string, unknown>>
    try {
      const text = { type: 'string' as const }
      const flag = { type: 'boolean' as const }
      values = parseArgs({
        args: [...args],
        options: { ...own, profile: text, config: text, json: flag, help: flag },
      }).values
    } catch (error) {
      terminal.err(`${(error as Error).message}\n\n${usage}`)
      return USAGE
    }
    if (values.help) {
      terminal.out(usage)
      return DONE
    }
    const {
      profile = 'default',
      config,
      json = false,
    } = values as { profile?: string; config?: string; json?: boolean }
    let session: KeptSession | null = null
    try {
      session = await openSession(config, profile, creates)
      const { exit, facts, lines } = await run(session, terminal, values)
      if (json) terminal.out(JSON.stringify({ profile, ...facts, exit }))
      else for (const line of lines) terminal.out(line)
      return exit
    } catch (error) {
      if (!isAuthError(error)) throw error
      const exit = CODES[error.code] ?? PASSING
      if (json) terminal.out(JSON.stringify({ profile, error: error.code, message: error.message, exit }))
      else terminal.err(`keyturn ${name}: ${error.message}`)
      return exit
    } finally {
      await session?.auth.close()
    }
  }
}
