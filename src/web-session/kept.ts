import type { SealedBox } from '../node/sealed/sealed-box.ts'
import type { BrowserState } from './browser-state.ts'
import { NO_SIGN_INS, type SignIns } from './sign-in-gate.ts'
import type { SiteCredentials } from './site.ts'

/** What lies in the sealed file beside the tokens. */
export interface Kept {
  readonly state: BrowserState | null
  /** The site has shown its sign-in form to this state. */
  readonly over: boolean
  /** When a person, or the hook, signed in; when the site last proved it. In ms since 1970. */
  readonly createdAt: number | null
  readonly provedAt: number | null
  /** When a browser was last opened. */
  readonly visitedAt: number | null
  readonly signIns: SignIns
  /** The last step whose code was given out. */
  readonly totpStep: number | null
  /** As the admin API was told. */
  readonly credentials: SiteCredentials | null
}

export const NOTHING: Kept = Object.freeze({
  state: null,
  over: false,
  createdAt: null,
  provedAt: null,
  visitedAt: null,
  signIns: NO_SIGN_INS,
  totpStep: null,
  credentials: null,
})

/** Reads and changes it. What could not be written is kept in memory, and written first the next time. */
export interface Keep {
  readonly read: () => Kept
  /** On disk when it returns. @throws AuthError `storage_failed`, and then it is kept in memory */
  readonly change: (part: Partial<Kept>) => void
}

export function createKeep(box: SealedBox<Kept>): Keep {
  let unsaved: Partial<Kept> | null = null
  const read = (): Kept => ({ ...NOTHING, ...box.read(), ...unsaved })
  return {
    read,
    change(part) {
      const next = { ...read(), ...part }
      unsaved = { ...unsaved, ...part }
      box.write(next)
      unsaved = null
    },
  }
}
