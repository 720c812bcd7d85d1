import { processWorlds } from '../processes/worlds.ts'
import { unseenWorlds, worlds } from './arbitrary.ts'

/** Families of worlds, by name: tabs, tabs whose scripts do not see all of the session, processes over a file. */
export const FAMILIES = { visible: worlds, unseen: unseenWorlds, process: processWorlds } as const
export type Family = keyof typeof FAMILIES
