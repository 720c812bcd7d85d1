import type { LoggedRequest } from 'keyturn/testing'
import type { SimTab } from './tab.ts'
import type { Mishap, Target } from './types.ts'

/** One request on its way to the server and back, and what became of it. */
export interface Letter {
  readonly number: number
  /** When it was sent, in ms since the world began. */
  readonly at: number
  /** What it is for, and its number among those of its tab. */
  readonly name: string
  readonly tab: SimTab
  readonly target: Target | 'elsewhere'
  readonly method: string
  readonly url: string
  /** The access token that it carries; a cookie joins it as it leaves. */
  bearer: string | null
  /** What a renewal is asked for with: the refresh token, in the body or a cookie; or what renews itself. */
  refreshToken: string | null
  /** The request of the app that it is sent for; null for the kit's own. */
  readonly errand: Errand | null
  mishap: Mishap | null
  /** How long (ms) the answer tells to wait before the next try. */
  wait?: number
  /** What the server made of it; null while it is not there. */
  entry: LoggedRequest | null
  /** The refresh token that came back. */
  issued: string | null
  fate: 'under way' | 'delivered' | 'lost'
  /** The browser sends it also when the page has gone: it belongs to a sign-out. */
  readonly keepalive: boolean
  /** A sign-out of the other devices. */
  others?: boolean
  /** Whose session storage, and the tab, told of as the answer arrived. */
  told?: readonly [stored: string | null, shown: string | null]
}

/** One request of an app, which may be sent twice. */
export interface Errand {
  readonly number: number
  readonly tab: SimTab
  /** Who was signed in when it began; null for nobody, undefined for not known yet. */
  readonly as: string | null | undefined
  sends: number
}
