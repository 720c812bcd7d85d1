import type { SimTab } from './tab.ts'

/** What the simulation knows of one token. */
export interface Token {
  readonly kind: 'access' | 'refresh'
  /** The server's session and user. */
  readonly session: string
  readonly user: string
  /** Counts the tokens of this kind and session in the order in which they were issued. */
  readonly order: number
  /** How the timeline calls it. */
  readonly alias: string
}

/** The truth about tokens: who got which when. No part of the kit looks into it. */
export interface Ledger {
  readonly issue: (kind: Token['kind'], text: string, session: string, user: string) => void
  readonly find: (text: string | null | undefined) => Token | undefined
  /** How to call a token in the timeline. */
  readonly alias: (text: string | null | undefined) => string
  /** All tokens there are. */
  readonly texts: () => Iterable<string>
  /** The answer with this refresh token has reached the tab's code. */
  readonly reach: (tab: SimTab, text: string) => void
  /** Storage that the tabs share could be read with this refresh token in it, or the browser sends it along. */
  readonly store: (text: string) => void
  /** After a power cut, all that there is of a shared storage is what holds this refresh token. */
  readonly lose: (text: string | null | undefined) => void
  /**
   * The order of the newest refresh token of a session that this tab could know: it was in shared storage once, or came
   * to the tab itself. -1 if there is none.
   */
  readonly newest: (session: string, tab: SimTab) => number
}

export function createLedger(): Ledger {
  const tokens = new Map<string, Token>()
  const counts = new Map<string, number>()
  const names = new Map<string, string>()
  const newest = new Map<string, number>()
  const raise = (place: string, { session, order }: Token): void => {
    const key = `${place} ${session}`
    newest.set(key, Math.max(newest.get(key) ?? -1, order))
  }
  return {
    issue(kind, text, session, user) {
      if (tokens.has(text)) return
      const key = `${kind} ${session}`
      const order = counts.get(key) ?? 0
      counts.set(key, order + 1)
      const name = names.get(session) ?? `s${names.size + 1}`
      names.set(session, name)
      tokens.set(text, { kind, session, user, order, alias: `${name}.${kind === 'access' ? 'a' : 'r'}${order}` })
    },
    find: (text) => tokens.get(text ?? ''),
    alias: (text) => (text ? (tokens.get(text)?.alias ?? 'an unknown token') : 'no token'),
    texts: () => tokens.keys(),
    reach(tab, text) {
      const token = tokens.get(text)
      if (token) raise(tab.name, token)
    },
    store(text) {
      const token = tokens.get(text)
      if (token) raise('storage', token)
    },
    lose(text) {
      for (const key of newest.keys()) if (key.startsWith('storage ')) newest.delete(key)
      const token = tokens.get(text ?? '')
      if (token) raise('storage', token)
    },
    newest: (session, tab) =>
      Math.max(newest.get(`storage ${session}`) ?? -1, newest.get(`${tab.name} ${session}`) ?? -1),
  }
}
