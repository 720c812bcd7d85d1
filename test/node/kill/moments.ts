import { expect, vi } from 'vitest'
import type { Program } from '../programs.ts'
import type { Refresh } from '../server.ts'
import type { Shared } from './session.ts'

/** `npm run test:long:processes` kills at 500 moments. */
export const MOMENTS = Number(process.env.KEYTURN_KILLS ?? 8)
/** Before a refresh is committed, and after. */
export const delay = (until: 'commit' | 'answer') => Math.random() * (until === 'commit' ? 40 : 120)
/** For one test. */
export const patience = { timeout: 120_000 + MOMENTS * 20_000 }

const PROCESSES = 4
const LONG = 60_000

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isStart = (line: string): boolean => /^(state authenticated|signed_in)/.test(line)
const isEnd = (line: string): boolean => line.startsWith('signed_out')

/** A session that the server has ended, because a refresh token came that was spent. */
export interface Loss {
  readonly session: number
  /** The refresh with the spent token. */
  readonly reuse: Refresh
  /** The one that had spent it. */
  readonly spent: Refresh | undefined
  /** It came from a process that was dead by then, and another one had renewed meanwhile. */
  readonly ghost: boolean
}

export interface Outcome {
  readonly losses: readonly Loss[]
  /** Renewals whose new refresh token never reached the storage. */
  readonly unsaved: readonly Refresh[]
  readonly granted: readonly Refresh[]
  /** When each process was killed, in ms since 1970. */
  readonly killed: ReadonlyMap<string, number>
  /** Which step those who were killed had got to, and how many. */
  readonly steps: Readonly<Record<string, number>>
  readonly programs: readonly Program[]
  /** In ms. */
  readonly took: number
}

/**
 * Four processes renew all the time. At each of `moments` random moments one is killed, and another one started. If there is
 * one, `disturb` is called instead each third time.
 */
export async function killAtRandom(shared: Shared, moments: number, disturb?: () => Promise<void>): Promise<Outcome> {
  const { server, start, signIn, stored, renewing } = shared
  const began = Date.now()
  const killed = new Map<string, number>()
  const programs: Program[] = []
  const living = new Map<string, Program>()

  const begin = async (): Promise<void> => {
    const name = `p${programs.length + 1}`
    const program = await start({ busy: true, name })
    programs.push(program)
    await program.line(/^state/)
    living.set(name, program)
  }
  /** Everybody who lives has been told of the end. */
  const told = (): void => {
    for (const { lines } of living.values())
      expect(lines.filter(isEnd).length, lines.join(' | ')).toBe(lines.filter(isStart).length)
  }
  const look = async (): Promise<void> => {
    // Torn, missing or unreadable: it throws.
    const session = await stored()
    if (!session?.record?.over) return
    await vi.waitFor(told, { timeout: LONG, interval: 20 })
    await signIn()
  }
  const nextRenewal = async (): Promise<void> => {
    const before = server.refreshes.length
    for (let waited = 0; waited < 10_000 && server.refreshes.length === before; waited += 10) await sleep(10)
  }
  const kill = async (): Promise<void> => {
    // Half of the time it hits one that is about to renew.
    const note = Math.random() < 0.5 ? await renewing() : null
    const all = [...living]
    const renews = all.find(([, { process }]) => process.pid === note?.pid)
    const [name, victim] = renews ?? all[Math.floor(Math.random() * all.length)] ?? []
    if (!name || !victim) throw new Error('Nobody lives.')
    living.delete(name)
    killed.set(name, Date.now())
    victim.process.kill('SIGKILL')
    await victim.ended
  }

  for (let count = 0; count < PROCESSES; count++) await begin()
  for (let moment = 1; moment <= moments; moment++) {
    // At any moment of a renewal, or between two.
    await nextRenewal()
    await sleep(Math.random() * 300)
    if (disturb && moment % 3 === 0) await disturb()
    else await kill()
    await look()
    while (living.size < PROCESSES) await begin()
  }
  // Whoever's token was spent at the last moment finds out now.
  for (let renewals = 0; renewals < 3; renewals++) await nextRenewal()
  await sleep(500)
  await look()
  return outcomeOf(shared, killed, programs, Date.now() - began)
}

async function outcomeOf(
  { server, steps, stored }: Shared,
  killed: ReadonlyMap<string, number>,
  programs: readonly Program[],
  took: number,
): Promise<Outcome> {
  const granted = server.refreshes.filter(({ result }) => result !== 'reuse')
  const losses: Loss[] = []
  for (const reuse of server.refreshes) {
    const { session, sent, result, by, at } = reuse
    if (result !== 'reuse' || losses.some((loss) => loss.session === session)) continue
    const ghost = (killed.get(by) ?? Infinity) <= at
    losses.push({ session, reuse, spent: granted.find((other) => other.sent === sent), ghost })
  }
  const saved = new Set([String((await stored())?.refreshToken)])
  const last = new Map<string, string>()
  for (const { by, step, token } of steps()) {
    last.set(by, step.replace('_', ' '))
    // What is noted is what is stored.
    if (step === 'save_renamed' || step === 'note_renamed') saved.add(token)
  }
  const counts: Record<string, number> = {}
  for (const name of killed.keys()) {
    const step = last.get(name) ?? 'start'
    counts[step] = (counts[step] ?? 0) + 1
  }
  const unsaved = granted.filter(({ given }) => !saved.has(String(given)))
  return { losses, unsaved, granted, killed, steps: counts, programs, took }
}

/** Prints the counts, and checks that no session was lost but where none could be saved. */
export function judge(title: string, rotation: 'strict' | 'forgiving', outcome: Outcome): void {
  process.stdout.write(report(`${title}, ${rotation} server`, outcome))
  if (rotation === 'strict') onlyByKills(outcome)
  else expect(outcome.losses).toEqual([])
  toldOnce(outcome)
  expect(outcome.granted.length).toBeGreaterThan(MOMENTS / 2)
}

/**
 * Each lost session: the server had committed for a process that was killed before it had saved. Each such renewal costs one
 * session at a strict server, and there is no other.
 */
function onlyByKills({ losses, unsaved, killed }: Outcome): void {
  const dead = (refresh: Refresh | undefined): boolean => !!refresh && killed.has(refresh.by)
  expect(unsaved.filter((refresh) => !dead(refresh))).toEqual([])
  const causes = new Set(unsaved.map(({ session }) => session))
  for (const { session, ghost, spent } of losses) {
    // What a killed process had asked for, and the server has met after another one's renewal: as if it had been committed.
    if (ghost) causes.add(session)
    else expect(unsaved).toContain(spent)
  }
  expect(losses.map(({ session }) => session)).toEqual([...causes].sort((a, b) => a - b))
}

/** Every process: signed in, told of the end once and cleanly, signed in again. */
function toldOnce({ programs }: Outcome): void {
  for (const { lines } of programs) {
    const turns = lines.filter((line) => isStart(line) || isEnd(line))
    for (const [index, line] of turns.entries()) {
      expect(isEnd(line), lines.join(' | ')).toBe(index % 2 === 1)
      if (isEnd(line)) expect(line).toMatch(/^signed_out rejected/)
    }
  }
}

/** The counts, in a few lines. */
function report(title: string, { losses, granted, unsaved, killed, steps, programs, took }: Outcome): string {
  const count = (refreshes: readonly Refresh[], what: Refresh['result']): number =>
    refreshes.filter(({ result }) => result === what).length
  const wire = unsaved.filter(({ by, at }) => (killed.get(by) ?? Infinity) <= at).length
  const ghosts = losses.filter(({ ghost }) => ghost).length
  const told = programs.flatMap(({ lines }) => lines.filter(isEnd)).length
  return [
    `${title}: ${killed.size} processes killed, ${granted.length} renewals, ${count(granted, 'parent')} forgiven, ${Math.round(took / 1000)} s`,
    `  ${losses.length} sessions lost (${told} processes were told): ${losses.length - wire - ghosts} killed between commit and`,
    `  rename, ${wire + ghosts} with the request on its way`,
    `  where the killed were: ${Object.entries(steps)
      .sort(([, a], [, b]) => b - a)
      .map(([step, number]) => `${step} ${number}`)
      .join(', ')}\n`,
  ].join('\n')
}
