import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { lockFolder } from '../../../src/node/lock/lock-folder.ts'
import { takePipe } from '../../../src/node/lock/pipe.ts'
import { processLock } from '../../../src/node/lock/process-lock.ts'
import { newFolder } from '../folder.ts'
import { buildProgram, startProgram } from '../programs.ts'

let folder: string
let log: string
beforeEach(() => {
  const place = newFolder()
  folder = join(place, 'session.lock')
  log = join(place, 'log')
  writeFileSync(log, '')
})

const never = new AbortController().signal
const start = async (options: object) =>
  startProgram(await buildProgram('lock'), { folder, log, times: 1, hold: 0, ...options })

/** Who had it, one after the other. Fails if two had it at once. A killed one never tells that it is out. */
const turns = (killed: readonly (number | undefined)[] = []) => {
  const entries = readFileSync(log, 'utf8').trimEnd().split('\n')
  let inside: string | null = null
  for (const entry of entries) {
    const [what, pid] = entry.split(' ') as [string, string]
    if (what === 'in') {
      expect(inside === null || killed.includes(Number(inside)), entries.join(', ')).toBe(true)
      inside = pid
    } else {
      expect(pid).toBe(inside)
      inside = null
    }
  }
  return entries.filter((entry) => entry.startsWith('in')).map((entry) => Number(entry.slice(3)))
}

describe('the lock between processes', { timeout: 60_000 }, () => {
  it('is had by one process at a time', async () => {
    const programs = await Promise.all(Array.from({ length: 6 }, () => start({ times: 15, hold: 1 })))
    expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual(Array(6).fill(0))
    expect(turns()).toHaveLength(90)
    // Nothing piles up: the last holder's socket, at most.
    expect(readdirSync(folder)).toHaveLength(1)
  })

  it('passes to the next when its holder is killed', async () => {
    const holder = await start({ hold: null })
    await holder.line(/held/)
    const next = await start({ hold: 0 })
    await next.line(/waiting/)
    expect(next.lines).toEqual(['waiting'])
    holder.process.kill('SIGKILL')
    expect(await next.ended).toBe(0)
    expect(turns([holder.process.pid])).toEqual([holder.process.pid, next.process.pid])
  })

  it('is had by one process at a time while processes are killed at random', async () => {
    const killed: (number | undefined)[] = []
    const living = new Set(await Promise.all(Array.from({ length: 4 }, () => start({ times: 1_000, hold: 1 }))))
    while (killed.length < 10) {
      const [victim] = living
      if (!victim) break
      await victim.line(/held/)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
      victim.process.kill('SIGKILL')
      killed.push(victim.process.pid)
      living.delete(victim)
      living.add(await start({ times: 1_000, hold: 1 }))
    }
    for (const { process } of living) {
      process.kill('SIGKILL')
      killed.push(process.pid)
    }
    await Promise.all([...living].map(({ ended }) => ended))
    expect(turns(killed).length).toBeGreaterThan(20)
    expect(readdirSync(folder).length).toBeLessThan(20)
  })

  it('is not waited for any longer than its signal says, and leaves nothing behind', async () => {
    const holder = await start({ hold: null })
    await holder.line(/held/)
    const before = readdirSync(folder)
    const task = vi.fn(async () => {})
    const signal = AbortSignal.timeout(50)
    await expect(processLock(folder)('test', signal, task)).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(processLock(folder)('test', AbortSignal.abort('no'), task)).rejects.toBe('no')
    expect(task).not.toHaveBeenCalled()
    expect(readdirSync(folder)).toEqual(before)
  })

  it('is one for each name', async () => {
    const lock = processLock(folder)
    await lock('one', never, () => lock('two', never, async () => {}).then(() => {}))
  })

  it('is free again after a task that fails', async () => {
    const lock = processLock(folder)
    await expect(lock('test', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await lock('test', never, async () => {})
  })

  it('keeps its order within one process, too', async () => {
    const lock = processLock(folder)
    let inside = 0
    const task = async () => {
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      inside--
    }
    await Promise.all(Array.from({ length: 20 }, () => lock('test', never, task)))
  })

  it('does not trust a folder that others can write to', async () => {
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await expect(processLock(folder)('test', never, async () => {})).rejects.toThrow(
      /must be a folder of this user's own/,
    )
  })

  it('lies beside its file, and elsewhere only where that path is too long for a socket', () => {
    expect(lockFolder('/var/lib/app/session')).toBe('/var/lib/app/session.lock')
    expect(lockFolder(`/var/${'x'.repeat(100)}/session`)).toMatch(/^\/tmp\/keyturn-\d+-[\da-f]{16}$/)
  })

  it('works where the path is long', async () => {
    await processLock(lockFolder(join(newFolder(), 'x'.repeat(90), 'session')))('test', never, async () => {})
  })
})

describe('a lock that the system frees, as a named pipe', () => {
  it('is had by one at a time, and the next is told', async () => {
    const address = `\0keyturn-test-${process.pid}`
    let inside = 0
    const one = async () => {
      const release = await takePipe(address, never)
      expect(++inside).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 2))
      inside--
      release()
    }
    await Promise.all(Array.from({ length: 10 }, one))
  })
})
