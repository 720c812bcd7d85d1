/** Which side of the comparison a request came from: the page that sent it says so in its address. */
export type Side = 'keyturn' | 'usual'

/** One request for the API. Holds no token. */
export interface Passed {
  readonly at: number
  readonly side: Side
  readonly tab: string
  readonly path: string
  readonly status: number
}

export interface Counts {
  /** Requests of the app; refreshes and sign-ins are not among them. */
  readonly requests: number
  readonly refused401: number
  readonly refreshes: number
  /** Refreshes that were refused for good. */
  readonly refusedRefreshes: number
}

export interface Traffic {
  /** How long (ms) a request is on its way: as in a network, so that the tour's timelines have something to show. */
  readonly latency: (request: Request) => number
  readonly note: (request: Request, status: number) => void
  readonly counts: () => Readonly<Record<Side, Counts>>
  readonly last: (count: number) => readonly Passed[]
  readonly reset: () => void
}

const KEPT = 1_000
/** For a refresh, and for everything else. */
const SLOW = 250
const QUICK = 60
const refresh = /^\/api\/(auth|cookie)\/refresh-token$/
const auth = /^\/api\/(auth|cookie)\//

/** What the tour's frames have sent, side by side. */
export function createTraffic(): Traffic {
  const none: Counts = { requests: 0, refused401: 0, refreshes: 0, refusedRefreshes: 0 }
  let passed: Passed[] = []
  let counts: Record<Side, Counts> = { keyturn: none, usual: none }
  return {
    latency: (request) => (frameOf(request) ? (refresh.test(new URL(request.url).pathname) ? SLOW : QUICK) : 0),
    note(request, status) {
      const from = frameOf(request)
      if (!from) return
      const path = new URL(request.url).pathname
      passed.push({ at: Date.now(), ...from, path, status })
      if (passed.length > KEPT) passed.shift()
      const before = counts[from.side]
      counts = { ...counts, [from.side]: add(before, path, status) }
    },
    counts: () => counts,
    last: (count) => passed.slice(-count),
    reset() {
      passed = []
      counts = { keyturn: none, usual: none }
    },
  }
}

function add(before: Counts, path: string, status: number): Counts {
  if (refresh.test(path)) {
    const refused = status === 401 ? 1 : 0
    return { ...before, refreshes: before.refreshes + 1, refusedRefreshes: before.refusedRefreshes + refused }
  }
  if (auth.test(path)) return before
  return { ...before, requests: before.requests + 1, refused401: before.refused401 + (status === 401 ? 1 : 0) }
}

/** Side and tab of the frame that a request came from, by its `Referer`, which in a browser is no header; null for one from elsewhere. */
function frameOf(request: Request): { readonly side: Side; readonly tab: string } | null {
  const referer = request.headers.get('Referer') ?? request.referrer
  if (!referer || !URL.canParse(referer)) return null
  const { searchParams } = new URL(referer)
  const side = searchParams.get('side')
  return side === 'keyturn' || side === 'usual' ? { side, tab: searchParams.get('tab') ?? '' } : null
}
