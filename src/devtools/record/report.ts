import type { AuthInspection } from '../../core/types.ts'
import type { Seen, SeenTab } from './seen.ts'
import type { Warning } from './warnings.ts'

/** How many records a report holds. */
const REPORTED = 500

/** What somebody can put into a bug ticket: no token, nobody's data. */
export function reportOf(
  inspection: AuthInspection,
  seen: readonly Seen[],
  tabs: readonly SeenTab[],
  warnings: readonly Warning[],
): string {
  const names = new Map(tabs.map(({ id }, index) => [id, `tab ${index + 1}`]))
  const records = seen.slice(-REPORTED).map(({ tab, time, record: { at: _at, ...record } }) => ({
    time: new Date(time).toISOString(),
    tab: names.get(tab) ?? 'tab',
    ...record,
  }))
  const agent = globalThis.navigator?.userAgent
  return JSON.stringify({ made: new Date().toISOString(), agent, inspection, warnings, records }, null, 2)
}
