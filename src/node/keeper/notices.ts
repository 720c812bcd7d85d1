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
  /** Resolves when the try that is under way is over, or after `ms`. */
  finish(ms: number): Promise<void>
  close(): void
}

export function createNotices(
  notify: KeeperOptions['notify'],
  clock: Clock,
  life: AbortSignal,
  arrived: (notice: Notice) => void,
): Notices {
  let waiting: readonly Notice[] = []
  let sending: Promise<void> | null = null
  let gap = FIRST_GAP
  let timer: Timer | null = null

  const bring = async (notice: Notice): Promise<void> => {
    try {
      if (notify) await callHook(clock, life, LIMIT, () => notify(notice))
      gap = FIRST_GAP
      waiting = waiting.filter((other) => other !== notice)
      arrived(notice)
    } catch {
      if (life.aborted) return
      timer = clock.setTimeout(() => {
        timer = null
        send()
      }, gap)
      gap = Math.min(gap * 2, LONGEST_GAP)
    }
  }
  const send = (): void => {
    const [next] = waiting
    if (sending || timer !== null || !next || life.aborted) return
    sending = bring(next).finally(() => {
      sending = null
      send()
    })
  }

  return {
    tell(notice) {
      if (waiting.some(({ type }) => type === notice.type)) return
      waiting = [...waiting, notice]
      send()
    },
    drop(type) {
      waiting = waiting.filter((notice) => notice.type !== type)
    },
    finish: (ms) =>
      new Promise((resolve) => {
        const timer = clock.setTimeout(resolve, ms)
        void Promise.resolve(sending).then(() => {
          clock.clearTimeout(timer)
          resolve()
        })
      }),
    close() {
      if (timer !== null) clock.clearTimeout(timer)
    },
  }
}
