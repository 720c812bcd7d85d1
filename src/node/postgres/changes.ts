import { clearTimeout, setTimeout } from 'node:timers'
import { onLost, type PgClient, type PgPool } from './pool.ts'

const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 30_000

/**
 * Calls `changed` when any host has written (LISTEN), on a connection of its own. When that is lost, it is opened again, and
 * whatever was missed meanwhile counts as a change. Returns the way back.
 */
export function listen(pool: PgPool, channel: string, changed: () => void): () => void {
  let client: PgClient | null = null
  let forget = (): void => {}
  let timer: NodeJS.Timeout | undefined
  let pause = FIRST_PAUSE
  let over = false

  const drop = (): void => {
    forget()
    client?.release(true)
    client = null
  }
  const lost = (): void => {
    if (over || timer) return
    drop()
    timer = setTimeout(() => {
      timer = undefined
      void open()
    }, pause).unref()
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
  const open = async (): Promise<void> => {
    try {
      const mine = await pool.connect()
      if (over) return mine.release()
      client = mine
      const unhook = onLost(mine, lost)
      mine.on('notification', changed)
      forget = () => {
        mine.off('notification', changed)
        unhook()
      }
      await mine.query(`listen ${channel}`)
      pause = FIRST_PAUSE
      changed()
    } catch {
      lost()
    }
  }
  void open()
  return () => {
    over = true
    clearTimeout(timer)
    drop()
  }
}
