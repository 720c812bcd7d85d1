import { processWorlds } from '../processes/worlds.ts'
import { worlds } from './arbitrary.ts'
import { unseenWorlds } from './unseen-worlds.ts'

/** Families of worlds, by name: tabs, tabs whose scripts do not see all of the session, processes over a file. */
export const FAMILIES = { visible: worlds, unseen: unseenWorlds, process: processWorlds } as const
export type Family = keyof typeof FAMILIES
