/** What the tour and its frames tell each other, by a channel of their own. No token is in it. */

export type Side = 'keyturn' | 'usual'
export type TabName = 'A' | 'B'
/** Tokens that scripts hold; a refresh token in an HttpOnly cookie; or requests that are held while somebody signs in again. */
export type Kind = 'token' | 'cookie' | 'held'

export const SIDES: readonly Side[] = ['keyturn', 'usual']
export const TABS: readonly TabName[] = ['A', 'B']

/** What the tour tells its frames to do. */
export type Order = { readonly tab?: TabName } & (
  | {
      readonly do: 'requests'
      readonly count: number /** The answers of the last two are late. */
      readonly straggle?: boolean
    }
  | { readonly do: 'wake'; readonly slept: number }
  | { readonly do: 'sign in'; readonly person: 0 | 1 }
  | { readonly do: 'read everything' | 'save' }
)

/** What a frame shows. */
export interface Report {
  readonly side: Side
  readonly tab: TabName
  readonly status: 'loading' | 'in' | 'out'
  /** Who is signed in, by what the page shows. */
  readonly shown: string | null
  /** Whom the server answered last. */
  readonly answeredAs: string | null
  readonly answered: number
  readonly failed: number
  /** How many requests had to wait for a token. */
  readonly waited: number
  /** Whether a script in the page has found a refresh token; null: none has looked. */
  readonly found: boolean | null
  /** What has become of something half written; null: there is nothing. */
  readonly draft: 'kept' | 'saved' | 'lost' | null
}

type Message = { readonly order: Order } | { readonly report: Report } | { readonly ask: true }

export interface Talk {
  readonly post: (message: Message) => void
  readonly close: () => void
}

export function openTalk(receive: (message: Message) => void): Talk {
  const channel = new BroadcastChannel('keyturn-tour')
  channel.onmessage = ({ data }) => receive(data)
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}

/** The channel of a side's timeline. */
export const recordsOf = (side: Side): string => `keyturn-tour:${side}`

export const PEOPLE: Readonly<Record<Side, readonly [Person, Person]>> = {
  keyturn: [person('Ada', 'correct-horse'), person('Grace', 'battery-staple')],
  usual: [person('Alan', 'correct-horse'), person('Barbara', 'battery-staple')],
}

export interface Person {
  readonly name: string
  readonly email: string
  readonly password: string
}

function person(name: string, password: string): Person {
  return { name, email: `${name.toLowerCase()}@example.test`, password }
}
