import { misuse } from '../../core/errors.ts'
import type { Command, Terminal } from '../command.ts'
import { authFile } from './auth-file.ts'
import { createClient, Stopped } from './client.ts'
import { examine } from './examine.ts'
import type { Findings } from './findings.ts'
import { toMend } from './mend.ts'
import { rowsOf, table } from './rows.ts'
import { HELP, readSettings } from './settings.ts'
import type { Credentials } from './speak.ts'

async function readCredentials({ env, ask }: Terminal): Promise<Credentials> {
  const email = env.KEYTURN_EMAIL || (await ask('E-mail address of a test account: ', false))
  const password = env.KEYTURN_PASSWORD || (email && (await ask('Its password (not shown): ', true)))
  if (!email || !password)
    misuse('Set KEYTURN_EMAIL and KEYTURN_PASSWORD to a test account, or start the doctor in a terminal: it asks.')
  return { email, password }
}

/** Resolves with 0 when all was asked, whatever was found; 1 when it stopped half-way. */
export const doctorCommand: Command = async (args, terminal) => {
  const { out, err } = terminal
  if (args.length === 0 || args.some((arg) => /^(-h|--help)$/.test(arg))) {
    out(HELP)
    return args.length ? 0 : 2
  }
  const settings = readSettings(args)
  const credentials = await readCredentials(terminal)
  const client = createClient(settings.base, settings.origin)
  // The last guard: whatever is printed passes it.
  const print = (lines: readonly string[]) => {
    for (const line of lines) out(client.safe(line))
  }
  print([`Asking ${settings.base} as ${credentials.email}. Each step says what it spends.`, ''])
  const found: Partial<Findings> = {}
  let stopped: Stopped | null = null
  await examine(settings, credentials, client, found, (line) => print([line])).catch((error: unknown) => {
    if (!(error instanceof Stopped)) throw error
    stopped = error
  })
  const rows = rowsOf(found)
  if (rows.length) print(['', ...table(rows)])
  if (!stopped) print(['', 'auth.ts', '', ...authFile(settings, found).map((line) => (line ? `  ${line}` : ''))])
  const mend = toMend(found)
  if (rows.length)
    print([
      '',
      ...(mend.length ? ['To mend on the server', ''] : ['Nothing to mend on the server was found.']),
      ...mend.map((line) => `- ${line}`),
    ])
  if (stopped === null) return 0
  err('')
  err(client.safe(`Stopped: ${(stopped as Stopped).message}`))
  return 1
}
