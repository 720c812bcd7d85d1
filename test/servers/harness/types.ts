import type { Jar } from './jar.ts'

/** Somebody who has an account at every server. */
export interface Person {
  readonly name: 'Ada' | 'Grace'
  readonly email: string
  readonly password: string
}

/** What a server is told when it is started. */
export interface StartOptions {
  /** Where browsers reach it: the address of the logging proxy in front. */
  readonly publicUrl: string
  /** The origin of the page, where it is another one than the server's. */
  readonly appOrigin: string
  /** Life of an access token in seconds. */
  readonly accessLife: number
  /** A folder of its own that is deleted afterwards. */
  readonly folder: string
}

export interface Started {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** One HTTP call, before it is sent. At most one of `json` and `form`. */
export interface Call {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
}

/** An answer, read. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or null. */
  readonly json: unknown
  readonly text: string
}

/** What a client of a server has in hand. */
export interface Held {
  readonly access: string | null
  readonly refresh: string | null
  readonly jar: Jar
}

/** The life of an access token, as an answer tells it. */
export interface ToldLife {
  /** Where it stands: a path in the body, or `exp` of the token. */
  readonly at: string
  readonly value: number
  /** Default: found out by the value. */
  readonly unit?: 'date'
}

/** What an answer to a sign-in or a refresh holds. */
export interface Tokens {
  readonly access?: string | null | undefined
  readonly refresh?: string | null | undefined
  readonly life?: ToldLife | null | undefined
}

export type Send = (call: Call, jar: Jar) => Promise<Reply>

/** What scripts can see of a session, and what renews it: as the kit's own words say it. */
export interface SessionKind {
  readonly access: 'token' | 'cookie'
  readonly refresh: 'token' | 'cookie' | 'access' | 'none'
}

/** A real auth server: how to start it, and how to speak to it with plain `fetch`. */
export interface AuthServer {
  readonly name: string
  readonly kind: SessionKind
  readonly start: (options: StartOptions) => Promise<Started>
  /** Signs in. Most servers need one call; a sign-in by redirect needs several. */
  readonly signIn: (send: Send, person: Person, jar: Jar) => Promise<Reply>
  readonly refresh: ((held: Held) => Call) | null
  readonly signOut: ((held: Held) => Call) | null
  /** A call to the protected API. */
  readonly echo: (held: Held) => Call
  /** The tokens of an answer to a sign-in or refresh. */
  readonly read: (reply: Reply) => Tokens
  /** The e-mail address in an answer of the API; null when it names nobody. */
  readonly who: (reply: Reply) => string | null
  /** The name of what a renewal spends, among cookies and members of bodies. Default: `/refresh/i`. */
  readonly credential?: RegExp
  /** What `npx keyturn doctor` must be told beside the base url. */
  readonly doctor: readonly string[]
  /** Whether a request asked for a renewal. */
  readonly isRefresh: (hit: Pick<Hit, 'method' | 'path' | 'grant'>) => boolean
}

/** One request as the proxy saw it. Tokens are never kept, only fingerprints. */
export interface Hit {
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** `grant_type` of a form. */
  readonly grant: string | null
  /** Which browser context sent it: each has a name of its own. */
  readonly agent: string
  /** Fingerprint of what a renewal would spend, in the body or a cookie. */
  readonly refresh: string | null
  /** Fingerprint of the bearer. */
  readonly bearer: string | null
  /** Whose tokens these are. */
  person: string | null
  /** null while there is no answer. */
  status: number | null
}
