import type { Seen } from './seen.ts'

/** What devtools of several tabs tell each other. No token is in it, for none is in a record. */
export interface TabMessage {
  readonly from: string
  readonly label: string
  readonly records: readonly Pick<Seen, 'n' | 'time' | 'record'>[]
  /** Who says hello gets what the others have. */
  readonly hello?: boolean
}

export interface TabsChannel {
  post(message: TabMessage): void
  close(): void
}

const isMessage = (data: unknown): data is TabMessage => {
  const { from, label, records } = (data ?? {}) as Partial<TabMessage>
  return typeof from === 'string' && typeof label === 'string' && Array.isArray(records)
}

/** A channel of the devtools' own: the engine's is not touched. null where there are none. */
export function openTabsChannel(name: string, receive: (message: TabMessage) => void): TabsChannel | null {
  if (typeof BroadcastChannel === 'undefined') return null
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => {
    if (isMessage(data)) receive(data)
  }
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

/** The channel for a storage that tabs share. */
export const channelName = (key: string): string => `keyturn-devtools:${key}`
