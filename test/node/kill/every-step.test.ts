import { describe, expect, it } from 'vitest'
import { share } from './session.ts'

const STEPS = [
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
/** After the server's commit, before the rename: nobody has the new token but the process that dies. */
const LOST = ['answer', 'save begin', 'save written', 'save synced']

describe.each(['strict', 'forgiving'] as const)('kill -9 during a renewal, %s server', (rotation) => {
  it.each(STEPS)('at "%s"', { timeout: 60_000 }, async (step) => {
    const { server, open, start } = await share({ rotation })
    const first = await start({ dieAt: step })
    await first.line(/state authenticated/)
    first.say('renew')
    expect(await first.ended).toBe('SIGKILL')
    // Always readable, and it has the token that the process had seen last, or the new one.
    expect(['refresh-1', 'refresh-2']).toContain(open().read()?.refreshToken)

    const committed = server.refreshes.length
    const next = await start()
    await next.line(/state authenticated/)
    next.say('renew')
    const lost = rotation === 'strict' && LOST.includes(step)
    await next.line(lost ? /^signed_out/ : /^renewed/)
    next.say('close')
    await next.ended

    const told = next.lines.filter((line) => line.startsWith('signed_out'))
    if (lost) {
      expect(told).toEqual([expect.stringMatching(/^signed_out rejected .*cut short before its answer was saved/)])
      expect(open().read()).toMatchObject({ accessToken: null, refreshToken: null, record: { over: 'rejected' } })
    } else {
      expect(told).toEqual([])
      expect(open().read()?.refreshToken).toBe(server.current)
    }
    expect(open().renewing()).toBe(null)
    expect(committed).toBe(LOST.includes(step) || STEPS.indexOf(step) > STEPS.indexOf('answer') ? 1 : 0)
  })
})
