import type { Clock, Timer } from '../../core/ports.ts'
import { callHook } from './fault.ts'
import type { KeeperOptions, Notice } from './types.ts'

const LIMIT = 30_000
const FIRST_GAP = 60_000
const LONGEST_GAP = 3_600_000

/** Brings notices to a person: one after the other, each until it has arrived, and none that is no longer true. */
export interface Notices {
  /** Tells it, unless one of the same type is on its way. */
  tell(notice: Notice): void
  /** It is no longer true: if it has not arrived yet, it need not. */
  drop(type: Notice['type']): void
  close(): void
}

export function createNotices(
  notify: KeeperOptions['notify'],
  clock: Clock,
  life: AbortSignal,
  arrived: (notice: Notice) => void,
): Notices {
  let waiting: readonly Notice[] = []
  let sending = false
  let gap = FIRST_GAP
  let timer: Timer | null = null

  const send = async (): Promise<void> => {
    const [next] = waiting
    if (sending || timer !== null || !next || !notify || life.aborted) return
    sending = true
    try {
      await callHook(clock, life, LIMIT, () => notify(next))
      gap = FIRST_GAP
      waiting = waiting.filter((notice) => notice !== next)
      arrived(next)
    } catch {
      if (!life.aborted) {
        timer = clock.setTimeout(() => {
          timer = null
          void send()
        }, gap)
        gap = Math.min(gap * 2, LONGEST_GAP)
      }
    }
    sending = false
    void send()
  }

  return {
    tell(notice) {
      if (waiting.some(({ type }) => type === notice.type)) return
      waiting = [...waiting, notice]
      void send()
    },
    drop(type) {
      waiting = waiting.filter((notice) => notice.type !== type)
    },
    close() {
      if (timer !== null) clock.clearTimeout(timer)
    },
  }
}
