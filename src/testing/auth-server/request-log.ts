import type { OpenEntry } from './core/http.ts'
import type { LoggedRequest, MockCall } from './core/types.ts'

export interface RequestLog {
  readonly entries: readonly LoggedRequest[]
  /** Adds an entry, to be completed while the request is worked on. */
  readonly open: (entry: OpenEntry) => OpenEntry
  readonly count: (call: MockCall) => number
}

export function createRequestLog(limit: number): RequestLog {
  const entries: OpenEntry[] = []
  const counts = new Map<MockCall, number>()
  return {
    entries,
    open: (entry) => {
      entries.push(entry)
      if (entries.length > limit) entries.shift()
      if (entry.fault !== 'drop') counts.set(entry.call, (counts.get(entry.call) ?? 0) + 1)
      return entry
    },
    count: (call) => counts.get(call) ?? 0,
  }
}
