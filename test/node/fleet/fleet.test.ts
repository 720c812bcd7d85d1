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
    const options = { database: database.url, keys, url: server.url, accounts: ['ada'], slow: 2_000 }
    const first = startProgram(program, options)
    await first.line(/sign-in/)
    // It is added by each worker at its start, and asked for, in the middle of its run: one sign-in all the same.
    const second = startProgram(program, options)
    await second.line(/ready/)
    second.say('now ada')
    const rotated = () => server.refreshes.length
    await vi.waitFor(() => expect(rotated()).toBeGreaterThanOrEqual(3), 60_000)
    expect(server.signIns).toBe(1)
    expect([...first.lines, ...second.lines].filter((line) => line.startsWith('sign-in'))).toHaveLength(1)
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

  it('asks for what it needs', async () => {
    await expect(createFleet({} as never)).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(createFleet({ boss: { work() {}, send() {} } } as never)).rejects.toThrow(/no open/)
  })
})
