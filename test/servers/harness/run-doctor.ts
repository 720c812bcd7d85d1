import { doctorCommand } from '../../../src/cli/doctor/index.ts'
import { ada } from './people.ts'
import type { Running } from './run.ts'

/** What `npx keyturn doctor` printed of a server. */
export interface Examination {
  readonly code: number
  readonly text: string
  /** The table, without where in an answer the tokens are. */
  readonly rows: Readonly<Record<string, string>>
  readonly authFile: string
  readonly toMend: readonly string[]
}

/** Runs the command as a person would, with the account in its environment. */
export async function runDoctor({ url, pageUrl, server }: Running): Promise<Examination> {
  const lines: string[] = []
  const terminal = {
    env: { KEYTURN_EMAIL: ada.email, KEYTURN_PASSWORD: ada.password },
    out: (line: string) => void lines.push(line),
    err: (line: string) => void lines.push(line),
    ask: async () => null,
    onEnd: () => {},
  }
  const code = await doctorCommand([url, ...server.doctor, '--origin', new URL(pageUrl).origin], terminal)
  const row = /^(\S.*?) {2,}(.*)$/
  const rows = lines.map((line) => row.exec(line)).filter((found) => found !== null)
  const code_ = lines.slice(lines.indexOf('auth.ts') + 2)
  return {
    code,
    text: lines.join('\n'),
    rows: Object.fromEntries(rows.map(([, label = '', value = '']) => [label, value.replace(/, at \S+$/, '')])),
    authFile: code_
      .slice(
        0,
        code_.findIndex((line, index) => line === '' && code_[index - 1]?.startsWith('  attachAuth')),
      )
      .map((line) => line.slice(2))
      .join('\n'),
    toMend: lines.filter((line) => line.startsWith('- ')),
  }
}
