import type { ReuseCause } from './rotation.ts'
import type { SessionRow, Sessions } from './sessions.ts'
import type { Settings } from './settings.ts'
import type { RefreshVerdict } from './types.ts'

/** What the answer's headers tell about the token. Members are left out as long as they are not known. */
export interface TokenMarks {
  readonly userId?: string
  readonly sessionId?: string
  readonly prefix?: string
  readonly counter?: number
  readonly reuse?: false
  readonly causes?: readonly ReuseCause[]
  readonly rotated?: true
}

export interface Renewed {
  readonly type: 'renewed'
  readonly verdict: RefreshVerdict
  readonly session: SessionRow
  /** null: the server does not rotate. */
  readonly token: string | null
  readonly marks: TokenMarks
}

export interface NotRenewed {
  readonly type: 'refused'
  readonly code: string
  readonly message: string
  /** Also where the answer does not tell: a session that has ended. */
  readonly session: SessionRow | null
  readonly marks: TokenMarks
}

export type Refreshed = Renewed | NotRenewed

/** The state that a refresh looks at and changes. */
export interface RefreshState {
  readonly sessions: Sessions
  readonly settings: Settings
  readonly tokenVersion: () => 1 | 2
  readonly now: () => number
}

export function refused(code: string, message: string, session: SessionRow | null, marks: TokenMarks): NotRenewed {
  const text = code === 'validation_failed' ? message : `Invalid Refresh Token: ${message}`
  return { type: 'refused', code, message: text, session, marks }
}
