import { useAuthEvent } from 'keyturn/react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { nameOf, type User } from './user.ts'
import { sentence, signedOutWords, spoken } from './words.ts'

export type Tone = 'good' | 'bad' | 'plain'

export interface FeedEntry {
  readonly id: number
  readonly at: number
  readonly tone: Tone
  readonly text: string
}

interface Feed {
  /** Newest first. */
  readonly entries: readonly FeedEntry[]
  readonly tell: (text: string, tone?: Tone) => void
}

const FeedContext = createContext<Feed>({ entries: [], tell: () => {} })

const LENGTH = 40

/** Writes down, in plain words, what the auth engine reports. It outlives the pages, so that a sign-out stays visible. */
export function FeedProvider({ children }: { children: ReactNode }) {
  const [entries, setEntries] = useState<readonly FeedEntry[]>([])
  const next = useRef(0)
  const tell = useCallback((text: string, tone: Tone = 'plain') => {
    const entry = { id: next.current++, at: Date.now(), tone, text }
    setEntries((old) => [entry, ...old].slice(0, LENGTH))
  }, [])

  useAuthEvent<'signed_in', User>('signed_in', ({ user, by }) => {
    tell(`${nameOf(user)} signed in${by === 'other_tab' ? ' in another tab' : ''}.`, 'good')
  })
  useAuthEvent('signed_out', ({ reason }) => {
    tell(signedOutWords[reason], reason === 'signed_out' || reason === 'other_tab' ? 'plain' : 'bad')
  })
  useAuthEvent('refreshed', ({ by }) => {
    tell(
      by === 'this_tab'
        ? 'New access token: this tab asked the server.'
        : 'New access token: another tab asked the server, this one took it over.',
      'good',
    )
  })
  useAuthEvent('refresh_failed', ({ error, retryAt }) => {
    tell(`A refresh failed: ${sentence(error.message)} ${nextTry(retryAt)}`, 'bad')
  })
  useAuthEvent('storage_failed', ({ error }) =>
    tell(`The session could not be stored: ${sentence(error.message)}`, 'bad'),
  )
  useAuthEvent('diagnostic', ({ error }) => tell(`For developers: ${sentence(error.message)}`, 'bad'))

  useEffect(() => {
    const online = () => tell('The browser is online again.', 'good')
    const offline = () => tell('The browser is offline.', 'bad')
    window.addEventListener('online', online)
    window.addEventListener('offline', offline)
    return () => {
      window.removeEventListener('online', online)
      window.removeEventListener('offline', offline)
    }
  }, [tell])

  const feed = useMemo(() => ({ entries, tell }), [entries, tell])
  return <FeedContext.Provider value={feed}>{children}</FeedContext.Provider>
}

function nextTry(at: number | null): string {
  if (at === null) return 'No further try.'
  const wait = at - Date.now()
  return wait < 1000 ? 'Next try at once.' : `Next try in ${spoken(wait)}.`
}

export const useFeed = (): Feed => useContext(FeedContext)
