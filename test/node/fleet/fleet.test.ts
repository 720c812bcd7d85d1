import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Database, startPostgres } from '../../../scripts/databases.mjs'
import { createFleet } from '../../../src/node/fleet/create-fleet.ts'
import { buildProgram, startProgram } from '../programs.ts'
import { keys } from '../sealed/session.ts'
import { startServer } from '../server.ts'

let database: Database
beforeAll(async () => {
  database = await startPostgres()
}, 120_000)
afterAll(() => database.stop())

describe('a fleet over pg-boss', { timeout: 180_000 }, () => {
  it('keeps accounts on several workers, goes on when one is killed, and renews each in its time', async () => {
    // A worker is killed below, and may be killed between the server's commit and its own write.
    const server = await startServer({ rotation: 'forgiving' })
    const program = await buildProgram('worker')
    const options = { database: database.url, keys, url: server.url, accounts: ['ada'] }
    const first = startProgram(program, options)
    await first.line(/ready/)
    const second = startProgram(program, options)
    await second.line(/ready/)
    const rotated = () => server.refreshes.length
    await vi.waitFor(() => expect(rotated()).toBeGreaterThanOrEqual(2), 60_000)
    expect(server.signIns).toBe(1)
    first.process.kill('SIGKILL')
    await first.ended
    const before = rotated()
    await vi.waitFor(() => expect(rotated()).toBeGreaterThanOrEqual(before + 3), 60_000)
    expect(server.signIns).toBe(1)
    expect(server.refreshes.map(({ result }) => result)).not.toContain('reuse')
    expect(second.lines).toContain('open ada')
    expect([...first.lines, ...second.lines].filter((line) => line.startsWith('error'))).toEqual([])
    second.say('stop')
    await second.line(/stopped/)
    const after = rotated()
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(rotated()).toBe(after)
  })

  it('runs an account on one worker at a time, however often it is added and asked for meanwhile', async () => {
    const server = await startServer()
    const program = await buildProgram('worker')
    const options = { database: database.url, keys, url: server.url, hold: true, giveUpAfter: 240, queue: 'one' }
    const idle = startProgram(program, { ...options, accounts: [] })
    await idle.line(/ready/)
    const workers = [idle, startProgram(program, { ...options, accounts: ['grace'] })]
    const runs = await Promise.race(workers.map((worker) => worker.line(/sign-in/).then(() => worker)))
    const [other] = workers.filter((worker) => worker !== runs)
    await other?.line(/ready/)
    other?.say('add grace')
    other?.say('now grace')
    // It looks for jobs twice a second.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(other?.lines).toEqual(['ready'])
    expect(runs.lines.filter((line) => line.startsWith('open'))).toEqual(['open grace'])
    for (const worker of workers) worker.say('go')
    // What was asked for is done when the run is over.
    await vi.waitFor(() => expect(server.refreshes.length).toBeGreaterThanOrEqual(1), 60_000)
    expect(server.signIns).toBe(1)
    for (const worker of workers) worker.say('stop')
    await Promise.all(workers.map((worker) => worker.line(/stopped/)))
    expect(workers.flatMap(({ lines }) => lines.filter((line) => /^(sign-in|error)/.test(line)))).toEqual([
      'sign-in grace',
    ])
  })

  it('asks for what it needs', async () => {
    await expect(createFleet({} as never)).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(createFleet({ boss: { work() {}, send() {}, deleteJob() {} } } as never)).rejects.toThrow(/no open/)
  })
})
