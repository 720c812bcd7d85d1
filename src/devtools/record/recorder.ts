import type { TraceRecord } from '../../core/ports.ts'
import { insert, type Seen, type SeenTab } from './seen.ts'
import { openTabsChannel } from './tabs-channel.ts'

/** Records that come within this time (ms) are shown, and told to the other tabs, together. */
const TOGETHER = 50
/** How many records (of its own) a tab gives to one that says hello. */
const TOLD = 2_000

export interface RecorderOptions {
  /** Names the tab. Default: the name of its window, or nothing. */
  readonly label?: string
  /** null: no other tab is listened to. */
  readonly channel: string | null
}

export interface Recorder {
  /** What this tab has done. */
  readonly add: (record: TraceRecord, time: number) => void
  /** Oldest first. Another array after each change. */
  readonly seen: () => readonly Seen[]
  readonly tabs: () => readonly SeenTab[]
  readonly clear: () => void
  readonly subscribe: (listener: () => void) => () => void
  readonly close: () => void
}

/** Keeps the records of this tab, and those of others that have devtools open. */
export function createRecorder({ label = globalThis.window?.name ?? '', channel }: RecorderOptions): Recorder {
  // A frame or window with a name stays the same lane when it is loaded anew.
  const self = label || `tab-${Math.random().toString(36).slice(2, 8)}`
  const list: Seen[] = []
  const tabs = new Map<string, SeenTab>([[self, { id: self, label, own: true }]])
  const newest = new Map<string, number>()
  const listeners = new Set<() => void>()
  let snapshot: readonly Seen[] | null = null
  let known: readonly SeenTab[] | null = null
  let fresh: Seen[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  // Greater than whatever an earlier page of the same name has counted to.
  let count = Date.now() * 1_000

  const soon = () => {
    timer ??= setTimeout(() => {
      timer = null
      snapshot = null
      known = null
      const records = fresh
      fresh = []
      if (records.length) air?.post({ from: self, label, records })
      for (const listener of [...listeners]) listener()
    }, TOGETHER)
  }
  const air = channel
    ? openTabsChannel(channel, ({ from, label: name, records, hello }) => {
        if (hello) {
          const mine = list.filter(({ tab }) => tab === self).slice(-TOLD)
          if (mine.length) air?.post({ from: self, label, records: mine })
        }
        const last = newest.get(from) ?? 0
        const added = records.filter(({ n }) => n > last).map((each) => ({ ...each, tab: from }))
        if (!added.length) return
        newest.set(from, Math.max(...added.map(({ n }) => n)))
        if (!tabs.has(from)) tabs.set(from, { id: from, label: name, own: false })
        insert(list, added)
        soon()
      })
    : null
  air?.post({ from: self, label, records: [], hello: true })

  return {
    add(record, time) {
      const each = { tab: self, n: ++count, time, record }
      insert(list, [each])
      fresh.push(each)
      soon()
    },
    seen: () => {
      snapshot ??= list.slice()
      return snapshot
    },
    tabs: () => {
      known ??= [...tabs.values()]
      return known
    },
    clear() {
      list.length = 0
      soon()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      if (timer !== null) clearTimeout(timer)
      air?.close()
      listeners.clear()
    },
  }
}

/** Records what an engine does from now on, and what it has kept. Returns the way back. */
export function follow(
  recorder: Recorder,
  rig: {
    readonly records: readonly TraceRecord[]
    readonly followers: Set<(record: TraceRecord) => void>
    readonly ports: { readonly clock: { now(): number } }
  },
): () => void {
  const { clock } = rig.ports
  // The engine may have been given a clock that is wrong: of a test, or of the demo.
  const add = (record: TraceRecord) => recorder.add(record, record.at + Date.now() - clock.now())
  for (const record of rig.records) add(record)
  rig.followers.add(add)
  return () => void rig.followers.delete(add)
}
