import type { HttpAnswer } from '../../backends/http.ts'
import { judge } from '../../backends/judge.ts'
import type { SessionKind } from '../../core/types.ts'
import { says } from './client.ts'
import type { RefreshFindings } from './findings.ts'
import type { Held, Speak, Spoken } from './speak.ts'

/** Seconds after its first use at which a spent token is tried again, as long as that is forgiven. */
const LOOKS = [1, 2, 5, 10, 15, 30]
const MANY = 5

/** What the steps have in common. */
export interface Ward {
  readonly speak: Speak
  readonly kind: SessionKind
  readonly apiCookies: readonly string[]
  /** Kept when everything else is spoilt. */
  readonly csrfCookie: string | null
  /** Life of an access token in s; null: not known. */
  readonly seconds: number | null
  safe(text: string): string
  sleep(ms: number): Promise<unknown>
}

/** Runs `ask` with a session whose access token has not run out meanwhile: again, if the machine was too slow for it. */
export async function whileFresh<T>({ speak, seconds }: Ward, ask: (held: Held) => Promise<T>): Promise<T> {
  for (let tries = 3; ; tries--) {
    const start = Date.now()
    const result = await ask((await speak.signIn()).held)
    if (tries === 0 || seconds === null || Date.now() - start < seconds * 1000) return result
  }
}

/** The session with every credential spoilt, or gone. */
export function spoil({ kind, csrfCookie }: Ward, held: Held, value: string | null): Held {
  const jar = held.jar.copy((cookie) => {
    if (cookie.name === csrfCookie) return cookie
    return value === null ? null : { ...cookie, value }
  })
  return { jar, refresh: value, access: kind.refresh === 'access' ? value : held.access }
}

/** What a renewal spends. */
const credential = ({ kind, apiCookies }: Ward, { refresh, jar }: Held): string =>
  kind.refresh === 'token'
    ? `${refresh}`
    : jar
        .all()
        .filter(({ name }) => !apiCookies.includes(name))
        .map(({ value }) => value)
        .join()

type SecondUse = Pick<RefreshFindings, 'rotates' | 'secondUse' | 'forgives' | 'refusedAt' | 'survivesSecondUse'>

/** One session: is the refresh token replaced, what does the old one get, and what becomes of the session? */
export async function askSecondUse(
  ward: Ward,
): Promise<{ readonly second: SecondUse; readonly renewed: Spoken; readonly refusal: HttpAnswer | null }> {
  const { speak, kind, sleep } = ward
  const { held: first } = await speak.signIn()
  const renewed = await speak.refresh(first)
  const works = async (held: Held) => speak.gave(await speak.refresh(held), kind)
  if (kind.refresh === 'access' || credential(ward, first) === credential(ward, renewed.held)) {
    const second = { rotates: false, secondUse: null, forgives: null, refusedAt: null, survivesSecondUse: true }
    return { renewed, refusal: null, second }
  }
  const used = Date.now()
  const again = await speak.refresh(first)
  const survivesSecondUse = await works(renewed.held)
  const forgiven = speak.gave(again, kind)
  let forgives = 0
  let refusedAt: number | null = forgiven ? null : 0
  for (const look of forgiven ? LOOKS : []) {
    await sleep(used + look * 1000 - Date.now())
    if (await works(first)) forgives = look
    else {
      refusedAt = look
      break
    }
  }
  const second = { rotates: true, secondUse: says(again.answer), forgives, refusedAt, survivesSecondUse }
  return { renewed, refusal: forgiven ? null : again.answer, second }
}

/** One session: several refreshes at once, and one more with what the first good answer gave. */
export async function askTogether(ward: Ward): Promise<Pick<RefreshFindings, 'parallel' | 'survivesParallel'>> {
  const { speak, kind } = ward
  return whileFresh(ward, async (held) => {
    const all = await Promise.all(Array.from({ length: MANY }, () => speak.refresh(held)))
    const good = all.filter((spoken) => speak.gave(spoken, kind))
    const [winner] = good
    const survives = winner !== undefined && speak.gave(await speak.refresh(winner.held), kind)
    const parallel = good.length === MANY ? 'all' : good.length === 1 ? 'one' : 'race'
    return { parallel, survivesParallel: parallel === 'race' ? null : survives } as const
  })
}

/** One session: a refresh with a token of another form, and with none. */
export async function askWrongTokens(ward: Ward): Promise<{ readonly malformed: Spoken; readonly missing: Spoken }> {
  const { held } = await ward.speak.signIn()
  const malformed = await ward.speak.refresh(spoil(ward, held, 'not-a-token'))
  const missing = await ward.speak.refresh(spoil(ward, held, null))
  return { malformed, missing }
}

/** Refusals that do not tell the kit that the session is over. */
export function unclear({ kind, safe }: Ward, refusals: readonly (HttpAnswer | null)[]): readonly string[] {
  const cookie = kind.refresh !== 'token'
  const dumb = refusals
    .filter((answer) => answer !== null)
    .filter((answer) => !['rejected', 'doubt'].includes(judge(answer, { cookie })))
  return [...new Set(dumb.map((answer) => safe(says(answer))))]
}
