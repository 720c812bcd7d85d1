import type { HeldRequests } from 'keyturn/axios'
import { server } from '../shared/server.ts'
import { type Order, openTalk, PEOPLE, type Report, type Side, type TabName } from '../shared/talk.ts'
import type { FrameSession } from './session.ts'

export interface Frame {
  readonly side: Side
  readonly tab: TabName
  readonly session: FrameSession
  /** In a window of its own, and not a frame of the tour. */
  readonly alone: boolean
  /** The app has something half written. */
  readonly form: boolean
  readonly held: HeldRequests | null
  /** Sends requests by itself, every 2 s. */
  readonly polls: boolean
}

export interface Desk {
  readonly report: () => Report
  readonly subscribe: (listener: () => void) => () => void
  readonly send: (path?: string) => Promise<void>
  readonly save: (text: string) => Promise<void>
  /** What to do when the tour says "save". Returns the way back. */
  readonly onSave: (run: () => Promise<void>) => () => void
  readonly note: (some: Partial<Report>) => void
}

const POLL = 2_000
/** How late (ms) stragglers are. No more than two: a browser has six connections to a host, for both sides together. */
const LATE = [800, 1_400]

/** Does what the tour says, sends a request now and then, and reports what the frame shows. */
export function createDesk({ side, tab, session, polls }: Pick<Frame, 'side' | 'tab' | 'session' | 'polls'>): Desk {
  let counts: Pick<Report, 'answered' | 'failed' | 'answeredAs' | 'found' | 'draft'> = {
    answered: 0,
    failed: 0,
    answeredAs: null,
    found: null,
    draft: null,
  }
  const listeners = new Set<() => void>()
  const savers = new Set<() => Promise<void>>()
  const make = (): Report => {
    const { status, name } = session.view()
    return { side, tab, status, shown: name, waited: session.waited(), ...counts }
  }
  let report = make()
  const talk = openTalk((message) => {
    if ('ask' in message) changed()
    if ('order' in message && (!message.order.tab || message.order.tab === tab)) void obey(message.order)
  })
  function changed(some: Partial<typeof counts> = {}): void {
    counts = { ...counts, ...some }
    report = make()
    talk.post({ report })
    for (const listener of listeners) listener()
  }
  async function send(path = '/ping'): Promise<void> {
    if (session.view().status !== 'in') return
    try {
      const answeredAs = await session.get(path)
      changed({ answered: counts.answered + 1, answeredAs })
    } catch {
      changed({ failed: counts.failed + 1 })
    }
  }
  async function obey(order: Order): Promise<void> {
    switch (order.do) {
      case 'requests':
        for (let n = 0; n < order.count; n++) {
          const late = order.straggle ? LATE[n - order.count + LATE.length] : undefined
          void send(late ? `/ping?late=${late}` : '/ping')
        }
        return
      case 'sign in':
        await session.signIn(PEOPLE[side][order.person])
        return
      case 'wake':
        wake(order.slept)
        return void send()
      case 'save':
        for (const saver of savers) void saver().catch(() => {})
        return
      case 'read everything':
        changed({ found: await readEverything(side) })
    }
  }

  session.subscribe(() => changed())
  if (polls) setInterval(() => void send(), POLL)
  changed()
  return {
    report: () => report,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    send,
    async save(text) {
      await session.save(text)
      changed({ draft: 'saved' })
    },
    onSave(run) {
      savers.add(run)
      return () => void savers.delete(run)
    },
    note: changed,
  }
}

/** The computer has slept: its clock has moved on, no timer has run, and the page is told that it is looked at again. */
function wake(ms: number): void {
  const before = Date.now
  Date.now = () => before() + ms
  document.dispatchEvent(new Event('visibilitychange'))
  window.dispatchEvent(new Event('focus'))
}

/** What a script that got into the page does: it reads all it can, and tries whether any of it is a refresh token. */
async function readEverything(side: Side): Promise<boolean> {
  const texts = [...document.cookie.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1))]
  if (side === 'usual')
    for (let n = 0; n < localStorage.length; n++) texts.push(localStorage.getItem(localStorage.key(n) ?? '') ?? '')
  for (const text of texts) if (text.length > 8 && (await server.steal(side, text)).got) return true
  return false
}
