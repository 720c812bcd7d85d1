import type { Findings } from './findings.ts'

export type Row = readonly [label: string, value: string]

const YES = (value: boolean) => (value ? 'yes' : 'no')

const RENEWED_BY = {
  token: 'a refresh token in the answer',
  cookie: 'a cookie',
  access: 'what opens the API',
  none: 'nothing',
} as const

const TOGETHER = {
  one: 'one is answered',
  all: 'all are answered',
  race: 'chance how many are answered',
} as const

/** How a time is forgiven, as far as it was looked. */
export function forgiven(forgives: number | null, refusedAt: number | null): string {
  if (forgives === null) return 'for good: nothing is spent'
  if (refusedAt === null) return `${forgives} s at least`
  return refusedAt === 0 ? 'not at all' : `${forgives} to ${refusedAt} s`
}

function* refreshRows({ refresh }: Partial<Findings>): Generator<Row> {
  if (!refresh) return
  const { rotates, secondUse, forgives, refusedAt, survivesSecondUse, parallel, survivesParallel } = refresh
  yield ['Refresh token is replaced at each refresh', YES(rotates)]
  if (secondUse !== null) yield ['Refresh token used again', secondUse]
  yield ['A second use is forgiven', forgiven(forgives, refusedAt)]
  yield ['Session after a second use', survivesSecondUse ? 'goes on' : 'ended']
  yield ['Five refreshes at once', TOGETHER[parallel]]
  yield ['Session after them', survivesParallel === null ? 'chance' : survivesParallel ? 'goes on' : 'ended']
  yield ['Malformed refresh token', refresh.malformed]
  yield ['No refresh token', refresh.missing]
}

function* signOutRows({ signOut, expired, notExpired }: Partial<Findings>): Generator<Row> {
  if (signOut === null) yield ['Sign-out', 'there is none']
  if (!signOut) return
  yield ['Sign-out', signOut.answer]
  if (signOut.endsRefresh !== null) yield ['It ends what renews the session', YES(signOut.endsRefresh)]
  yield ['It ends the access token', YES(signOut.endsAccess)]
  yield ['Sign-out with an expired access token', expired?.signOut ?? notExpired ?? '']
  if (expired && expired.endsRefresh !== null) yield ['That ends what renews the session', YES(expired.endsRefresh)]
}

/** The table, as far as the examination went. */
export function rowsOf(found: Partial<Findings>): readonly Row[] {
  const { kind, life, accessAt, refreshAt, cookies, cors, api, expired, notExpired, clock, retryAfter } = found
  const rows: Row[] = []
  if (kind) {
    rows.push([
      'What opens the API',
      kind.access === 'token' ? `an access token in the answer, at ${accessAt ?? found.accessAtRefresh}` : 'a cookie',
    ])
    rows.push(['What renews the session', RENEWED_BY[kind.refresh] + (refreshAt ? `, at ${refreshAt}` : '')])
    rows.push([
      'Life of the access token',
      life ? `${life.at}, in ${life.unit === 'date' ? 'a date' : life.unit}` : 'not told',
    ])
  }
  for (const [name, what] of cookies ?? []) rows.push([`Cookie ${name}`, what])
  if (cors) {
    rows.push(['CORS: the page may ask', cors.page ?? 'not told'])
    rows.push(['CORS: a stranger may ask', cors.stranger ?? 'not told'])
    rows.push(['CORS: with cookies', YES(cors.credentials)])
  }
  rows.push(...refreshRows(found))
  if (api) {
    rows.push(['Malformed access token', api.malformed])
    rows.push(['No access token', api.missing])
    const late = expired?.api ?? notExpired
    if (late !== undefined) rows.push(['Expired access token', late])
  }
  rows.push(...signOutRows(found))
  if (retryAfter !== undefined) rows.push(['Retry-After with a refusal', YES(retryAfter)])
  if (clock !== undefined) rows.push(['Clock of the server', clockWords(clock)])
  return rows
}

/** s: the header is cut to the second, and the way takes time. */
const SAME = 2

function clockWords(clock: number | null): string {
  if (clock === null) return 'not told'
  if (Math.abs(clock) <= SAME) return 'as here'
  return `${Math.abs(clock)} s ${clock > 0 ? 'ahead' : 'behind'}`
}

/** Two columns. */
export function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`)
}
