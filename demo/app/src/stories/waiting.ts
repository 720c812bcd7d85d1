import { server } from '../shared/server.ts'
import { SIDES } from '../shared/talk.ts'

const LOOKS = 100

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Until the server has seen a refresh of each side, however slow the machine is. */
export async function untilBothRefreshed(): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const { counts } = await server.traffic()
    if (SIDES.every((side) => counts[side].refreshes > 0)) return
    await pause(500)
  }
}
