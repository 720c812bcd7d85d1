/** What a world is: plain JSON, so that one that fails can be pasted into a test. All times in ms unless they say otherwise. */
import type { SignOutScope, WakeReason } from 'keyturn'

export type Person = 'ada' | 'bob'

export interface ServerConfig {
  /** As the mock's, and `forgiving`: it refuses any reuse of a refresh token, but the session lives on. */
  readonly rules: 'strict' | 'forgiving' | 'default' | 'hosted' | 'v2'
  /** Life of an access token, in seconds. */
  readonly life: number
  /** How the client can know that life: from the answer and the JWT, from the JWT alone, from the answer alone, not at all. */
  readonly expiry: 'both' | 'jwt' | 'answer' | 'unknown'
  /** How far the server's clock is ahead of true time. */
  readonly skew: number
  /** User data so large that the cookies have to be split. */
  readonly largeUser: boolean
  /**
   * No refresh tokens, and at each sign-in the same access token for the same person, until it has run out. A sign-out ends
   * nothing.
   */
  readonly equal?: boolean
  /** Answers to a sign-in or a refresh do not tell who it is. */
  readonly silent?: boolean
  /** What scripts see of a session: access/refresh, as `SessionKind`. Default: both tokens. */
  readonly kind?: Kind
  /** A session keeps its refresh token: it is not rotated. */
  readonly fixed?: boolean
}

export type Kind = `${'token' | 'cookie'}/${'access' | 'none'}` | 'token/cookie' | 'cookie/cookie'

/** Answers to a refresh that mean something else than their status says, by what they should be taken for. */
export type Wording =
  | `final ${'gone-200' | 'gone-404' | 'gone-403'}`
  | `doubt ${'403' | '410' | '422'}`
  | `never ${'misasked' | 'csrf' | 'validation' | '404' | 'empty' | '451'}`

export interface BrowserConfig {
  /** `async`: one of the app's own, shared by the tabs, that answers by promise. `file`: of processes, see `HostConfig`. */
  readonly storage: 'cookies' | 'async' | 'memory' | 'file'
  readonly locks: 'yes' | 'no' | 'failing'
  readonly channels: boolean
  /** Whether tabs are told of changed cookies. */
  readonly cookieEvents: boolean
  /** Tabs are other processes: now and then one that is told of changed cookies reads them between two that another one writes. */
  readonly between?: boolean
  /** Longest delay of a message, of a lock's grant and of an operation of the `async` storage. */
  readonly delay: number
  /** Longest way of a request or an answer. */
  readonly latency: number
  /** How much faster than true time the device's clock runs: 0.01 is one percent. */
  readonly drift: number
  readonly https: boolean
  /** Tabs are open at this many origins in turn, which share the cookies (by `domain`), but neither locks nor channels. */
  readonly origins?: 1 | 2
  /** A library sends failed requests again, so often. */
  readonly retries?: number
  /** The app's own code throws, now and then, wherever the kit calls it. */
  readonly throws?: boolean
  /** The access token is kept in the page alone. */
  readonly inPage?: boolean
  /** Where scripts do not see all: `restore`, as the app says. `marked`: `hint`, and the server sets a cookie for it. */
  readonly restore?: 'hint' | 'marked' | 'always'
  /** Answers of the API tell whose they are, and the app has it looked at. */
  readonly whose?: boolean
}

/** Processes over a sealed file, in place of tabs over cookies. A tab is a process then. */
export interface HostConfig {
  /**
   * How they hear that the file was changed: soon; late, and of several changes at once; now and then not at all; not (the
   * system has no more watches to give), so that they look every two seconds.
   */
  readonly watch: 'prompt' | 'late' | 'lossy' | 'polled'
  /** How often (ms) the keeper of each looks whether tokens are half over; 0: there are none. */
  readonly keeper: number
}

/** What a request is for, as far as faults tell requests apart. */
export type Target = 'sign_in' | 'refresh' | 'sign_out' | 'user' | 'api'

/**
 * - a number: answered with this status and not processed. 400, 401 and 403 are refusals.
 * - `html`: a captive portal's page. `wall`: a page of a firewall, with status 403. `junk`: JSON that breaks off; a
 *   sign-out is processed all the same.
 * - `drop`: lost on the way in. `lost`: processed, the answer lost. `hang`: lost on the way in, without a word.
 * - `silent`: processed, the answer lost without a word.
 * - `twice`: processed twice, and the second answer is the one that arrives.
 * - `redirect`: answered by 307 to another origin.
 * - a wording: not processed, and answered so.
 * - `late`: the way in takes 12 s, longer than the client waits. `slow`: the way back does.
 */
export type Mishap =
  | number
  | Wording
  | 'redirect'
  | 'html'
  | 'wall'
  | 'junk'
  | 'drop'
  | 'lost'
  | 'hang'
  | 'silent'
  | 'twice'
  | 'late'
  | 'slow'

/** What one step does. `tab` counts through the tabs that are open, modulo their number. */
export type Action =
  | { readonly do: 'open' }
  | { readonly do: 'sign_in'; readonly tab: number; readonly person: Person; readonly wrong?: boolean }
  | { readonly do: 'sign_out'; readonly tab: number; readonly scope: SignOutScope }
  | {
      readonly do: 'request'
      readonly tab: number
      readonly to: 'echo' | 'always-401' | 'forbidden' | 'public' | 'elsewhere'
      /** How many at once. With a body: POST. */
      readonly count: number
      readonly body: boolean
      /** Its own time limit; 0 for none. */
      readonly limit: number
      /** Aborted so long after; null: not. */
      readonly abort: number | null
    }
  /** `refresh()` and `getAccessToken()`. */
  | { readonly do: 'refresh' | 'token'; readonly tab: number }
  /** The tab ends when `after` more things have gone out of it; with -1, at once. `reload`: another takes its place. */
  | { readonly do: 'close' | 'reload'; readonly tab: number; readonly after: number }
  | { readonly do: 'dispose'; readonly tab: number }
  | { readonly do: 'freeze' | 'thaw'; readonly tab: number }
  /** Preempted for `for` ms, in the middle of a task: when `after` more things have gone out of it. */
  | { readonly do: 'stall'; readonly tab: number; readonly after: number; readonly for: number }
  | { readonly do: 'throttle'; readonly tab: number; readonly on: boolean }
  /** `cached`: as it enters the back/forward cache, and comes back after `for` ms. Messages meanwhile are lost. */
  | { readonly do: 'cached'; readonly tab: number; readonly for: number }
  | { readonly do: 'wake'; readonly tab: number; readonly reason: WakeReason }
  /** The computer sleeps. */
  | { readonly do: 'sleep'; readonly for: number; readonly timers: 'late' | 'stopped' }
  /** The device's clock is moved. */
  | { readonly do: 'jump'; readonly by: number }
  | { readonly do: 'offline'; readonly for: number }
  /** Hits the next `times` requests. `after`: what the server wants the client to wait (`Retry-After`), in seconds. */
  | {
      readonly do: 'fault'
      readonly target: Target
      readonly mishap: Mishap
      readonly times: number
      readonly after?: number
    }
  /** The server ends every session; refuses every access token there is. */
  | { readonly do: 'revoke' | 'expire_tokens' }
  /** Cookies are deleted from outside. */
  | { readonly do: 'evict'; readonly what: 'all' | 'access' | 'refresh' | 'record' }
  /** Cookies are written from outside: garbage, or all of them as they were some time ago. */
  | { readonly do: 'edit'; readonly what: 'access' | 'refresh' | 'record' | 'old' }
  /** Cookies are switched off, or writes to them (or to the `async` storage) fail. */
  | { readonly do: 'block'; readonly what: 'all' | 'writes'; readonly for: number }
  /**
   * Somebody writes cookies that are none of ours, or ours in another scope: the session of an app with another back end; a
   * further piece of a value; a name that only looks like ours; a record whose values have no sense; our cookies once more,
   * for the parent domain.
   */
  | { readonly do: 'plant'; readonly what: Planted }
  /** Another page of the same site, without the kit, signs somebody in, or out: the server sets its cookies. */
  | { readonly do: 'elsewhere'; readonly person: Person | null }
  /** All cookies are deleted, those that scripts do not see as well. */
  | { readonly do: 'clear' }
  /** A script of another release, or of nobody knows whom, posts on the tabs' channel. */
  | { readonly do: 'junk'; readonly what: number }
  /** A `<base>` of another origin stands in the page. */
  | { readonly do: 'base'; readonly for: number }
  /** Somebody else takes the lock. Of processes: one that has it hangs. */
  | { readonly do: 'lock'; readonly steal: boolean; readonly for: number }
  /** A process is asked to end, and may finish what is under way. */
  | { readonly do: 'end'; readonly tab: number }
  /** All processes end at once, and the disk keeps what was synced. As many start again. */
  | { readonly do: 'power'; readonly for: number }
  /**
   * Processes that start from now on seal with a new key, which those that run know already: whoever does not is started
   * again. `hasty`: nobody is, and who does not know the key can use the file no more.
   */
  | { readonly do: 'rotate'; readonly hasty: boolean }
  /** Somebody seals the file with the newest key. */
  | { readonly do: 'reseal' }
  /** Something else lies where the file was, until it is put back: a spoiled or torn one, another account's, one that all can read. */
  | { readonly do: 'damage'; readonly how: 'spoiled' | 'torn' | 'foreign' | 'exposed'; readonly for: number }
  /** The disk is full when `after` more files have been written. */
  | { readonly do: 'full'; readonly after: number; readonly for: number }
  /** Another account's program uses its own file, in the same folder. */
  | { readonly do: 'neighbour' }

export type Planted = 'another app' | 'piece' | 'name' | 'record' | 'parent domain'

/** How long until the next step: in ms, or in percent of the life of an access token (but no more than an hour). */
export type Pause = number | `${number}%`

export type Step = Action & { readonly pause: Pause }

export interface World {
  /** Everything that the rest leaves open is drawn from it: latencies, jitter, tokens, ids. */
  readonly seed: number
  readonly server: ServerConfig
  readonly browser: BrowserConfig
  /** Absent: tabs of a browser. */
  readonly host?: HostConfig
  readonly steps: readonly Step[]
}
