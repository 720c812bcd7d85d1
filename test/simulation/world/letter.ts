import type { LoggedRequest } from 'keyturn/testing'
import type { SimTab } from './tab.ts'
import type { Mishap, Target } from './types.ts'

/** One request on its way to the server and back, and what became of it. */
export interface Letter {
  readonly number: number
  /** What it is for, and its number among those of its tab. */
  readonly name: string
  readonly tab: SimTab
  readonly target: Target | 'elsewhere'
  readonly method: string
  readonly url: string
  readonly bearer: string | null
  /** The refresh token in its body. */
  readonly refreshToken: string | null
  /** The request of the app that it is sent for; null for the kit's own. */
  readonly errand: Errand | null
  mishap: Mishap | null
  /** What the server made of it; null while it is not there. */
  entry: LoggedRequest | null
  /** The refresh token that came back. */
  issued: string | null
  fate: 'under way' | 'delivered' | 'lost'
}

/** One request of an app, which may be sent twice. */
export interface Errand {
  readonly number: number
  readonly tab: SimTab
  /** Who was signed in when it began; null for nobody, undefined for not known yet. */
  readonly as: string | null | undefined
  sends: number
}
