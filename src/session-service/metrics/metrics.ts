/** What the service counts, in Prometheus' text form (0.0.4). No label holds an id, so their number is bounded. */
export interface Metrics {
  /** One answered request. `seconds`: how long it took. */
  answered(route: string, status: number, seconds: number): void
  /** `amount` sessions were made, ended, …: see `EVENTS`. */
  happened(event: MetricEvent, amount?: number): void
  /** The text. `gauges` are values of now. */
  render(gauges: Readonly<Record<string, number>>): string
}

const EVENTS = {
  created: 'Sessions made.',
  repeated: 'Creations that an Idempotency-Key recognised as a retry.',
  extended: 'Sessions extended, or found to need none yet.',
  rotated: 'Sessions that got a new id.',
  ended: 'Sessions ended by a caller or by themselves.',
  expired_removed: 'Expired things that the background removal threw away.',
  forged: 'Ids refused for their shape, signature or key, without asking the store.',
  caller_refused: 'Requests without a caller token that is known.',
  rate_limited: 'Requests refused by a rate limit.',
  store_unavailable: 'Requests that the store could not serve.',
  keys_loaded: 'Answers of the secrets service.',
  keys_failed: 'Failures to get an answer of the secrets service.',
} as const

export type MetricEvent = keyof typeof EVENTS

const GAUGES: Readonly<Record<string, string>> = {
  ready: '1 if the service has keys and is not ending.',
  keys_age_seconds: 'Seconds since the secrets service last answered.',
}

/** Seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] as const

interface Durations {
  readonly buckets: number[]
  sum: number
  count: number
}

export function createMetrics(): Metrics {
  const requests = new Map<string, Map<number, number>>()
  const durations = new Map<string, Durations>()
  const events = new Map<MetricEvent, number>()

  const head = (name: string, type: string, help: string) => [
    `# HELP keyturn_session_${name} ${help}`,
    `# TYPE keyturn_session_${name} ${type}`,
  ]

  return Object.freeze({
    answered(route: string, status: number, seconds: number) {
      const byStatus = requests.get(route) ?? new Map<number, number>()
      requests.set(route, byStatus.set(status, (byStatus.get(status) ?? 0) + 1))
      let times = durations.get(route)
      if (!times) {
        times = { buckets: BOUNDS.map(() => 0), sum: 0, count: 0 }
        durations.set(route, times)
      }
      const place = BOUNDS.findIndex((bound) => seconds <= bound)
      if (place >= 0) times.buckets[place] = (times.buckets[place] ?? 0) + 1
      times.sum += seconds
      times.count++
    },
    happened(event: MetricEvent, amount = 1) {
      events.set(event, (events.get(event) ?? 0) + amount)
    },
    render(gauges: Readonly<Record<string, number>>) {
      const lines = head('requests_total', 'counter', 'Requests answered.')
      for (const [route, byStatus] of requests)
        for (const [status, count] of byStatus)
          lines.push(`keyturn_session_requests_total{route="${route}",status="${status}"} ${count}`)
      lines.push(...head('request_seconds', 'histogram', 'Time to answer.'))
      for (const [route, { buckets, sum, count }] of durations) {
        let below = 0
        for (const [place, bound] of BOUNDS.entries()) {
          below += buckets[place] ?? 0
          lines.push(`keyturn_session_request_seconds_bucket{route="${route}",le="${bound}"} ${below}`)
        }
        lines.push(`keyturn_session_request_seconds_bucket{route="${route}",le="+Inf"} ${count}`)
        lines.push(`keyturn_session_request_seconds_sum{route="${route}"} ${sum}`)
        lines.push(`keyturn_session_request_seconds_count{route="${route}"} ${count}`)
      }
      for (const [event, help] of Object.entries(EVENTS)) {
        lines.push(...head(`${event}_total`, 'counter', help))
        lines.push(`keyturn_session_${event}_total ${events.get(event as MetricEvent) ?? 0}`)
      }
      for (const [name, value] of Object.entries(gauges)) {
        lines.push(...head(name, 'gauge', GAUGES[name] ?? name), `keyturn_session_${name} ${value}`)
      }
      return `${lines.join('\n')}\n`
    },
  } satisfies Metrics)
}
