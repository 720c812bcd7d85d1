import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, startPostgres } from '../../../scripts/databases.mjs'
import { restart, type Shared, share } from './session.ts'

const ON_FILE = [
  'note begin',
  'note written',
  'note synced',
  'note renamed',
  'note durable',
  'request',
  'answer',
  'save begin',
  'save written',
  'save synced',
  'save renamed',
  'save durable',
  'announce',
]
/** A storage that answers by promise is written when the process itself has heard of it. */
const IN_DATABASE = ['note begin', 'note renamed', 'request', 'answer', 'announce', 'save begin', 'save renamed']
/** `npm run test:long:processes` takes all of them over both servers; else those where the session is at stake. */
const LONG = !!process.env.KEYTURN_KILLS
const TAKEN = LONG ? IN_DATABASE : ['request', 'answer', 'save begin']
/** The server has not committed. */
const BEFORE = ['note begin', 'note written', 'note synced', 'note renamed', 'note durable', 'request']
/** After the server's commit, before the rename: nobody has the new token but the process that dies. */
const UNSAVED = ['answer', 'save begin', 'save written', 'save synced']
const ROTATIONS = ['strict', 'forgiving'] as const

let database: Database
beforeAll(async () => {
  database = await startPostgres()
}, 120_000)
afterAll(() => database.stop())

async function dieAt(
  step: string,
  unsaved: readonly string[],
  rotation: (typeof ROTATIONS)[number],
  shared: Shared,
): Promise<void> {
  const { server, stored, renewing, start } = shared
  const first = await start({ dieAt: step })
  await first.line(/state authenticated/)
  first.say('renew')
  expect(await first.ended).toBe('SIGKILL')
  // Always readable, and it has the token that the process had seen last, or the new one.
  expect(['refresh-1', 'refresh-2']).toContain((await stored())?.refreshToken)

  const committed = server.refreshes.length
  const next = await start()
  await next.line(/state authenticated/)
  next.say('renew')
  const lost = rotation === 'strict' && unsaved.includes(step)
  await next.line(lost ? /^signed_out/ : /^renewed/)
  next.say('close')
  await next.ended

  const told = next.lines.filter((line) => line.startsWith('signed_out'))
  if (lost) {
    expect(told).toEqual([expect.stringMatching(/^signed_out rejected .*cut short before its answer was saved/)])
    expect(await stored()).toMatchObject({ accessToken: null, refreshToken: null, record: { over: 'rejected' } })
  } else {
    expect(told).toEqual([])
    expect((await stored())?.refreshToken).toBe(server.current)
  }
  expect(await renewing()).toBe(null)
  expect(committed).toBe(BEFORE.includes(step) ? 0 : 1)
}

describe.each(ROTATIONS)('kill -9 during a renewal, %s server', (rotation) => {
  it.each(ON_FILE)('at "%s" of a file', { timeout: 240_000 }, async (step) => {
    await dieAt(step, UNSAVED, rotation, await share({ rotation }))
  })

  it.each(LONG || rotation === 'strict' ? TAKEN : TAKEN.slice(1, 2))(
    'at "%s" of a row in PostgreSQL',
    { timeout: 240_000 },
    async (step) => {
      await dieAt(step, ['answer', 'announce', 'save begin'], rotation, await share({ rotation }, database))
    },
  )
})

describe('PostgreSQL killed and started again during a renewal, strict server', () => {
  it.each(TAKEN.filter((step) => step !== 'announce'))(
    'at "%s": nobody is signed out, and no token is sent twice',
    { timeout: 240_000 },
    async (step) => {
      const { server, stored, start } = await share({}, database)
      // As long as a call may take, the other one waits: so that a busy machine decides nothing.
      const timeout = 60_000
      const [first, next] = [await start({ waitAt: step, timeout }), await start({ timeout })]
      await Promise.all([first, next].map(({ line }) => line(/state authenticated/)))
      first.say('renew')
      await first.line(/^at /)
      // The lock is gone with its connection, so the other one may have it before the first goes on.
      await restart(database)
      next.say('renew')
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      first.say('go')
      await Promise.all([first, next].map(({ line }) => line(/^(renewed|refreshed)/)))
      const lines = [...first.lines, ...next.lines]
      expect(lines.filter((line) => line.startsWith('signed_out'))).toEqual([])
      expect(server.refreshes.map(({ result }) => result)).not.toContain('reuse')
      await expect.poll(async () => (await stored())?.refreshToken, { timeout: 30_000 }).toBe(server.current)
    },
  )
})
