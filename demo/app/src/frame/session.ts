import type { Person } from '../shared/talk.ts'

/** What a frame shows of its session, whichever side it is. */
export interface View {
  readonly status: 'loading' | 'in' | 'out'
  readonly name: string | null
  /** Why nobody is signed in, or what is the trouble. */
  readonly words: string | null
}

export interface FrameSession {
  /** The same object until something changes. */
  readonly view: () => View
  readonly subscribe: (listener: () => void) => () => void
  readonly signIn: (person: Person) => Promise<unknown>
  /** Gets something from the API. Resolves with the name of whom the server answers. */
  readonly get: (path: string) => Promise<string>
  /** Saves a note. */
  readonly save: (text: string) => Promise<unknown>
  /** How many requests have waited for a token so far. */
  readonly waited: () => number
}

/** The time as it really is: the frame's own clock may be moved by the story. */
export const realNow: () => number = Date.now

interface Ping {
  readonly user: { readonly email: string; readonly user_metadata: { readonly name?: string } }
}

export const nameIn = ({ user }: Ping): string => user.user_metadata.name ?? user.email
