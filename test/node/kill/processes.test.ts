import { describe, expect, it, vi } from 'vitest'
import { share } from './session.ts'

describe('processes that share a sealed file', { timeout: 120_000 }, () => {
  it('renew once between them when a token runs out under ten of them', async () => {
    const { server, start } = await share({ life: 600 })
    const programs = await Promise.all(Array.from({ length: 10 }, () => start()))
    await Promise.all(programs.map(({ line }) => line(/state authenticated/)))
    expect(server.refreshes).toEqual([])
    // Eleven minutes later, for all of them at once.
    for (const program of programs) {
      program.say('ahead 660000')
      program.say('token')
    }
    const tokens = await Promise.all(programs.map(({ line }) => line(/^token/)))
    expect(tokens).toEqual(Array(10).fill('token access-2'))
    expect(server.refreshes).toMatchObject([{ result: 'rotated' }])
  })

  it('go on when the one that renews is killed while the others wait', async () => {
    let slow = true
    const { server, start, stored, renewing } = await share({ rotation: 'forgiving', delay: () => (slow ? 3_000 : 0) })
    const holder = await start({ timeout: 60_000 })
    const next = await start({ timeout: 60_000 })
    await Promise.all([holder, next].map(({ line }) => line(/state authenticated/)))
    holder.say('renew')
    await vi.waitFor(async () => expect(await renewing()).not.toBe(null), { timeout: 20_000, interval: 20 })
    next.say('renew')
    await new Promise((resolve) => setTimeout(resolve, 300))
    slow = false
    holder.process.kill('SIGKILL')
    const killed = Date.now()
    await next.line(/^renewed/)
    // By a closed connection, not by patience (61 s) and not by polling.
    expect(Date.now() - killed).toBeLessThan(40_000)
    expect(server.current).toBe((await stored())?.refreshToken)
  })

  it('go on without the one that hangs, within the bound', async () => {
    const { server, start, stored, renewing } = await share({ rotation: 'forgiving', delay: () => (hung ? 0 : 1_500) })
    let hung = false
    const holder = await start({ timeout: 2_000 })
    const next = await start({ timeout: 2_000 })
    await Promise.all([holder, next].map(({ line }) => line(/state authenticated/)))
    holder.say('renew')
    await vi.waitFor(async () => expect(await renewing()).not.toBe(null), { timeout: 20_000, interval: 20 })
    holder.process.kill('SIGSTOP')
    hung = true
    const stopped = Date.now()
    next.say('renew')
    await next.line(/^renewed/)
    // The patience is the time limit of a call and a second: 3 s.
    expect(Date.now() - stopped).toBeLessThan(40_000)
    holder.process.kill('SIGCONT')
    // It finds what happened meanwhile, and puts nothing old over it.
    await holder.line(/^(renewed|refreshed other_tab)/)
    expect(server.current).toBe((await stored())?.refreshToken)
  })
})
