import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../../src/core/errors.ts'
import { checkpoint } from '../../../src/node/batch/checkpoint.ts'
import { fileCheckpoints } from '../../../src/node/batch/file-checkpoints.ts'
import { newFolder } from '../folder.ts'

let path: string
beforeEach(() => {
  path = join(newFolder(), 'job.jsonl')
})

const items = Array.from({ length: 100 }, (_, place) => place)
const double = (item: number) => item * 2
const all = items.map(double)
const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n')

describe('a batch', () => {
  it('goes on with the item that met a 401, once the session is renewed', async () => {
    let good = true
    const worked: number[] = []
    const renew = vi.fn(() => {
      good = true
    })
    const job = checkpoint<number, number>({ store: fileCheckpoints(path), renew })
    const { results } = await job.run(items, (item) => {
      worked.push(item)
      if (item === 40 && worked.length === 41) good = false
      if (!good) throw Object.assign(new Error('401'), { status: 401 })
      return double(item)
    })
    expect(results).toEqual(all)
    expect(renew).toHaveBeenCalledOnce()
    expect(worked).toEqual([...items.slice(0, 41), 40, ...items.slice(41)])
    expect(lines()).toHaveLength(100)
  })

  it('goes on after a restart where it was stopped, and stores each result once', async () => {
    const stop = new AuthError('unavailable', 'Down.')
    const first = checkpoint<number, number>({ store: fileCheckpoints(path) })
    await expect(
      first.run(items, (item) => {
        if (item === 40) throw stop
        return double(item)
      }),
    ).rejects.toBe(stop)
    const worked: number[] = []
    const next = checkpoint<number, number>({ store: fileCheckpoints(path) })
    const run = await next.run(items, (item) => {
      worked.push(item)
      return double(item)
    })
    expect(run).toEqual({ results: all, worked: 60 })
    expect(worked).toEqual(items.slice(40))
    expect(lines()).toHaveLength(100)
  })

  it('does the item again whose result was cut short by a crash, and no other', async () => {
    const job = () => checkpoint<number, string>({ store: fileCheckpoints(path) })
    await job().run([1, 2], (item) => `größe ${item}`)
    appendFileSync(path, '["2","gr')
    const worked: number[] = []
    const { results } = await job().run([1, 2, 3], (item) => {
      worked.push(item)
      return `größe ${item}`
    })
    expect(worked).toEqual([3])
    expect(results).toEqual(['größe 1', 'größe 2', 'größe 3'])
    expect(lines()).toHaveLength(3)
  })

  it('tells each item its key, the same after a restart', async () => {
    const keys: string[] = []
    const job = () => checkpoint<{ id: string }, null>({ store: fileCheckpoints(path), key: ({ id }) => id })
    const work = (_: unknown, { key }: { key: string }) => {
      keys.push(key)
      if (key === 'b' && keys.length === 2) throw new Error('crash')
      return null
    }
    const two = [{ id: 'a' }, { id: 'b' }]
    await expect(job().run(two, work)).rejects.toThrow('crash')
    await job().run([...two].reverse(), work)
    expect(keys).toEqual(['a', 'b', 'b'])
  })

  it('takes the result of whoever was first', async () => {
    const store = { load: () => new Map([['0', 'theirs']]), put: () => false }
    const loads = vi.spyOn(store, 'load').mockReturnValueOnce(new Map())
    const { results } = await checkpoint<number, string>({ store }).run([0], () => 'mine')
    expect(results).toEqual(['theirs'])
    expect(loads).toHaveBeenCalledTimes(2)
  })

  it('does not renew for other errors, nor more than once for an item', async () => {
    const renew = vi.fn()
    const job = checkpoint<number, number>({ store: fileCheckpoints(path), renew })
    await expect(job.run([1], () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full')
    expect(renew).not.toHaveBeenCalled()
    const refused = { response: { status: 401 } }
    await expect(job.run([1], () => Promise.reject(refused))).rejects.toBe(refused)
    expect(renew).toHaveBeenCalledOnce()
  })

  it('ends between two items when it is told to', async () => {
    const controller = new AbortController()
    const job = checkpoint<number, number>({ store: fileCheckpoints(path) })
    const run = job.run(
      items,
      (item) => {
        if (item === 9) controller.abort(new Error('enough'))
        return item
      },
      { signal: controller.signal },
    )
    await expect(run).rejects.toThrow('enough')
    expect(lines()).toHaveLength(10)
  })

  it('refuses two items of one key, and a file that is something else', async () => {
    const job = checkpoint<number, number>({ store: fileCheckpoints(path), key: () => 'same' })
    await expect(job.run([1, 2], double)).rejects.toMatchObject({ code: 'misconfigured' })
    writeFileSync(path, 'hello\n')
    await expect(checkpoint<number, number>({ store: fileCheckpoints(path) }).run([1], double)).rejects.toThrow(
      /Line 1/,
    )
    expect(readFileSync(path, 'utf8')).toBe('hello\n')
  })

  it('keeps its file to its owner', async () => {
    await checkpoint<number, number>({ store: fileCheckpoints(path) }).run([1], double)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
