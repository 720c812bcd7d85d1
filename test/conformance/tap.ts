import type { Case } from './case.ts'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly notRun: number
}

const line = (word: string, number: number, { id, title }: Case): string => `${word} ${number} - ${id} ${title}`

export const passedLine = (number: number, each: Case): string => `${line('ok', number, each)}\n`

/** As TAP skips a test; "not run" is what it means. */
export const notRunLine = (number: number, each: Case, needs: readonly string[]): string =>
  `${line('ok', number, each)} # SKIP not run: needs ${needs.join('; ')}\n`

export function failedLine(number: number, each: Case, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
  const reason = (message.split('\n')[0] ?? '') + cause
  return `${line('not ok', number, each)}\n  ---\n  message: ${JSON.stringify(reason)}\n  ...\n`
}

export const summary = ({ passed, failed, notRun }: Tally): string =>
  `# ${passed} passed, ${failed} failed, ${notRun} not run\n`
