import type { AuthEvents, AuthState, StoredSession, TraceRecord } from 'keyturn'
import type { Contents } from '../processes/file-shelf.ts'
import type { Errand, Letter } from './letter.ts'
import type { SimTab, User } from './tab.ts'

/** What an invariant can look at while a world runs. Every member is optional; see `invariants/`. */
export interface Watch {
  /** The engine of a tab has emitted an event. */
  readonly event?: <Name extends keyof AuthEvents>(tab: SimTab, name: Name, payload: AuthEvents<User>[Name]) => void
  /** The state of a tab has changed, or is seen for the first time. */
  readonly state?: (tab: SimTab, state: AuthState<User>) => void
  /** The app calls the kit. */
  readonly asked?: (tab: SimTab, what: Asked) => void
  /** Code of the kit does something that others can notice, or that stays behind. */
  readonly effect?: (tab: SimTab, what: string) => void
  /** Something that the kit hands out or sends around: an error, an event, a message, a line on the console. */
  readonly told?: (tab: SimTab | null, what: string, value: unknown) => void
  /** The engine of a tab tells what it does. */
  readonly traced?: (tab: SimTab, record: TraceRecord) => void
  /** A tab has read the storage that the tabs share, as far as that answers at once. */
  readonly read?: (tab: SimTab, found: StoredSession | null) => void
  /**
   * The file that processes share holds something else now, or has something wrong with it; null: it is gone. By the kit's
   * hand, by somebody else's, or because the power is cut.
   */
  readonly file?: (found: Contents | string | null, by: 'kit' | 'outside' | 'power') => void
  /** The app begins a request. */
  readonly began?: (errand: Errand) => void
  /** The app has got the answer to a request, and takes it for good. */
  readonly handed?: (errand: Errand) => void
  /** A request leaves a tab. */
  readonly sent?: (letter: Letter) => void
  /** The server has answered a request, though the answer has not arrived. */
  readonly served?: (letter: Letter) => void
  /** The tab will never see the answer to a request. */
  readonly lost?: (letter: Letter) => void
  /** A tab does something again and again, and is closed for it, or the world would not end. */
  readonly busy?: (tab: SimTab, what: string) => void
  /** Time has passed. */
  readonly passed?: () => void
  /** Faults have stopped some time ago; nothing has been done yet to make up for them. */
  readonly calm?: () => void
  /** Every tab has renewed and sent a request, and one more has been opened. */
  readonly settled?: () => void
  /** All tabs have been disposed of, some time ago. */
  readonly over?: () => void
}

export type Asked = 'sign_in' | 'sign_out' | 'sign_out_others' | 'refresh' | 'token' | 'request'

/** All of them as one. */
export function watchAll(watches: readonly Watch[]): Required<Watch> {
  const all =
    <Name extends keyof Watch>(name: Name) =>
    (...args: Parameters<Required<Watch>[Name]>): void => {
      for (const watch of watches) (watch[name] as ((...given: typeof args) => void) | undefined)?.(...args)
    }
  return {
    event: all('event') as Required<Watch>['event'],
    state: all('state'),
    asked: all('asked'),
    effect: all('effect'),
    told: all('told'),
    traced: all('traced'),
    read: all('read'),
    file: all('file'),
    began: all('began'),
    handed: all('handed'),
    sent: all('sent'),
    served: all('served'),
    lost: all('lost'),
    busy: all('busy'),
    passed: all('passed'),
    calm: all('calm'),
    settled: all('settled'),
    over: all('over'),
  }
}
