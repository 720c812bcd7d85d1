import type { Sim } from './sim.ts'
import { openTab, type SimTab } from './tab.ts'

/** Opens a tab, or starts a process if that can be; else null. */
export function begin(sim: Sim): SimTab | null {
  try {
    return openTab(sim)
  } catch (error) {
    if (!sim.computer) throw error
    if (!sim.trouble.has('storage')) sim.violate('k the file is whole', `a process cannot start: ${error}`)
    return null
  }
}

/** Calls `end` once: after a time, or when faults stop. */
export function last(sim: Sim, ms: number, end: () => void): void {
  let over = false
  const once = (): void => {
    if (!over) end()
    over = true
  }
  sim.ends.push(once)
  sim.truth.setTimeout(once, ms)
}
