/** What a session service must tell of itself, so that `sessionBackend` can speak to it. */
import type { SessionKind, SessionTokens, SignOutScope } from '../../core/types.ts'
import type { HttpAnswer } from '../http.ts'
import type { Verdict } from '../judge.ts'

/** What goes along with a call. Nothing of it is sent unless it is given. */
export interface AskOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string | null | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** The call outlives the page. For sign-outs. */
  readonly keepalive?: boolean
}

/** Makes one call. `url` may be relative to the page. Throws `unavailable` when no answer comes. */
export type Ask = (method: string, url: string, options?: AskOptions) => Promise<HttpAnswer>

/** What an answer tells of a live session. All of it may be missing. */
export interface SessionFacts {
  readonly accessToken?: string | null | undefined
  readonly refreshToken?: string | null | undefined
  /** When it ends, in seconds since 1970 by the server's clock. It is compared with the answer's `Date`, where that can be read. */
  readonly expiresAt?: number | undefined
  readonly user?: unknown
}

export type SessionCall = 'signIn' | 'extend' | 'check' | 'end'

/**
 * The dialect of one session service: which calls it has, and what its answers mean. There are `sessionService`, `kratos` and
 * `supertokens`; one for another service is a page of code.
 */
export interface SessionPreset<Credentials = unknown> {
  readonly kind: SessionKind
  /** Its origin names the back end that sessions are bound to. */
  readonly baseUrl: string
  /** Share of a session's life after which it is extended; null: only before its end, as tokens are. Default: 0.5. */
  readonly extendAfter?: number | null
  signIn(ask: Ask, credentials: Credentials): Promise<HttpAnswer>
  /** Makes the session last longer. */
  extend(ask: Ask, tokens: SessionTokens): Promise<HttpAnswer>
  /** Asks whether the session lives, whose it is, and until when. Without it an answer to `extend` has the last word. */
  check?(ask: Ask, tokens: SessionTokens): Promise<HttpAnswer>
  /** Ends the session, or what `scope` says. false: there is no call for it. */
  end(ask: Ask, tokens: SessionTokens, scope: SignOutScope): Promise<HttpAnswer | false>
  /** What an answer tells; null if that is not a live session. */
  read(answer: HttpAnswer): SessionFacts | null
  /** What an answer means that tells of no live session; undefined: the rule in docs/back-ends.md decides. */
  judge(answer: HttpAnswer, call: SessionCall): Verdict | undefined
}
