import { atServer } from './at-server.ts'
import { people } from './people.ts'
import { tabs } from './tabs.ts'
import { time } from './time.ts'
import type { Story } from './types.ts'

/** The tour, in its order. */
export const stories: readonly Story[] = [
  time.expiry,
  tabs.burst,
  tabs.two,
  time.sleep,
  atServer.down,
  atServer.everywhere,
  time.clock,
  people.stolen,
  people.another,
  people.httpOnly,
  people.draft,
]
