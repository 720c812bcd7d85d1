import type { TraceRecord } from '../../core/ports.ts'

export type Tone = 'good' | 'bad' | 'plain'
export type Kind = 'refresh' | 'requests' | 'tabs' | 'session'

export interface Described {
  readonly kind: Kind
  readonly tone: Tone
  readonly text: string
}

const ASKERS = {
  timer: 'The timer',
  request: 'A request with an expired token',
  answer: 'A request that got a 401',
  app: 'The app',
  start: 'The start of the page',
} as const

const LOCKS = {
  waiting: 'Waits for the lock between tabs',
  held: 'Has the lock',
  released: 'Gives the lock back',
  without: 'Goes on without a lock',
} as const

const REQUESTS = { waiting: 'waits for a new token', sent: 'is sent', repeated: 'is sent again' } as const

const TOLD: Readonly<Record<string, string>> = {
  renewing: 'I ask the server',
  changed: 'there is something new',
  signed_out: 'signed out',
}

/** A record in plain words. */
export function describe(record: TraceRecord): Described {
  switch (record.step) {
    case 'asked':
      return refresh(`${ASKERS[record.by]} ${record.joined ? 'joins the renewal under way' : 'asks for new tokens'}`)
    case 'lock':
      return refresh(LOCKS[record.state])
    case 'looked':
      return { kind: 'tabs', tone: 'plain', text: `Reads storage: ${record.finding}` }
    case 'adopted':
      return refresh('Takes over the tokens of another tab', 'good')
    case 'attempt':
      return refresh(`Asks the server for new tokens (try ${record.attempt})`)
    case 'outcome': {
      const status = record.status === null ? '' : ` ${record.status}`
      return refresh(`The server says: ${record.type}${status} (${Math.round(record.ms)} ms)`, toneOf(record.type))
    }
    case 'saved':
      return { kind: 'session', ...(record.ok ? plain('Stored') : bad('The browser did not store it')) }
    case 'announced':
      return { kind: 'tabs', ...plain(`Tells the other tabs: ${TOLD[record.what] ?? record.what}`) }
    case 'heard':
      return { kind: 'tabs', ...plain(`Hears from another tab: ${TOLD[record.what] ?? record.what}`) }
    case 'signed_in':
      return { kind: 'session', tone: 'good', text: `Signed in, in ${record.by.replace('_', ' ')}` }
    case 'signed_out': {
      const tone = record.reason === 'signed_out' || record.reason === 'other_tab' ? 'plain' : 'bad'
      return { kind: 'session', tone, text: `Signed out: ${record.reason.replaceAll('_', ' ')}` }
    }
    case 'request':
      return { kind: 'requests', ...plain(`Request ${record.request} ${REQUESTS[record.state]}`) }
    case 'answered':
      return {
        kind: 'requests',
        tone: record.status < 400 ? 'good' : 'bad',
        text: `Request ${record.request} is answered ${record.status}`,
      }
    case 'failed':
      return { kind: 'requests', ...bad(`Request ${record.request} fails: ${record.why}`) }
  }
}

/** How an outcome of the server is to be seen. */
export const toneOf = (type: string): Tone => (type === 'renewed' || type === 'extended' ? 'good' : 'bad')

const plain = (text: string) => ({ tone: 'plain', text }) as const
const bad = (text: string) => ({ tone: 'bad', text }) as const
const refresh = (text: string, tone: Tone = 'plain'): Described => ({ kind: 'refresh', tone, text })
