import { describe, expect, it } from 'vitest'
import type { Program } from '../programs.ts'
import { share } from './session.ts'

/** `npm run test:long` ends processes at 500 moments. */
const MOMENTS = Number(process.env.KEYTURN_KILLS ?? 20)
const PROCESSES = 4

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(['strict', 'forgiving'] as const)('four processes on one file, %s server', (rotation) => {
  it(`kill -9 at ${MOMENTS} random moments`, { timeout: 60_000 + MOMENTS * 6_000 }, async () => {
    const delay = () => Math.random() * 120
    const { server, open, start, signIn } = await share({ rotation, delay })
    const dead = new Set<string>()
    const all: Program[] = []
    const begin = async () => {
      const program = await start({ busy: true })
      all.push(program)
      await program.line(/^state/)
      return program
    }
    const living = new Map<string, Program>()
    const add = (program: Program) => living.set(String(program.process.pid), program)
    for (let count = 0; count < PROCESSES; count++) add(await begin())

    const losses: { sent: string; by: string | undefined; killed: boolean }[] = []
    let seen = 0
    let duringRenewal = 0
    /** Whether the session was lost since the last look; and if so, by what. */
    const look = async () => {
      for (const refresh of server.refreshes.slice(seen)) {
        if (refresh.result !== 'reuse' || losses.some(({ sent }) => sent === refresh.sent)) continue
        const taken = server.refreshes.find(({ sent, result }) => sent === refresh.sent && result !== 'reuse')
        losses.push({ sent: refresh.sent, by: taken?.by, killed: dead.has(String(taken?.by)) })
      }
      seen = server.refreshes.length
      // Torn, missing or unreadable: it throws.
      const stored = open().read()
      if (stored?.record?.over) await signIn()
    }

    const nextRenewal = async () => {
      const before = server.refreshes.length
      for (let waited = 0; waited < 10_000 && server.refreshes.length === before; waited += 10) await sleep(10)
    }

    for (let moment = 0; moment < MOMENTS; moment++) {
      // At any moment of a renewal, or between two.
      await nextRenewal()
      await sleep(Math.random() * 300)
      const note = open().renewing()
      // Half of the time it hits one that is about to renew.
      const target = note && Math.random() < 0.5 ? String(note.pid) : undefined
      const pids = [...living.keys()]
      const pid = target && living.has(target) ? target : String(pids[Math.floor(Math.random() * pids.length)])
      if (note && String(note.pid) === pid) duringRenewal++
      const victim = living.get(pid)
      dead.add(pid)
      living.delete(pid)
      victim?.process.kill('SIGKILL')
      await victim?.ended
      await look()
      add(await begin())
    }
    // Whoever was lost at the last moment finds out now.
    await sleep(3_000)
    await look()
    const rotated = server.refreshes.filter(({ result }) => result !== 'reuse')
    process.stdout.write(
      `${rotation}: ${MOMENTS} kills, ${duringRenewal} of one that was renewing, ${rotated.length} renewals, ${losses.length} sessions lost\n`,
    )

    expect(rotated.length).toBeGreaterThan(MOMENTS / 2)
    // Each lost session: the server had committed for a process that was killed before it had saved. There is no other.
    expect(losses.filter(({ killed }) => !killed)).toEqual([])
    if (rotation === 'forgiving') expect(losses).toEqual([])
    // Nobody is told of an end more often than there were ends.
    for (const { lines } of all) {
      const told = lines.filter((line) => line.startsWith('signed_out'))
      expect(told.length).toBeLessThanOrEqual(losses.length)
      for (const line of told) expect(line).toMatch(/^signed_out rejected/)
    }
    expect(all.flatMap(({ lines }) => lines.filter((line) => line.startsWith('storage_failed')))).toEqual([])
  })
})
