import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'
import { expect, it, vi } from 'vitest'
import { type HostStorage, newNote, type RenewalNote } from '../../src/node/host-storage.ts'
import { letOthersEnd } from '../../src/node/under-way.ts'
import { createFakeClock } from '../../src/testing/index.ts'

const LIMIT = 10_000

function stage(note: Partial<RenewalNote> | null) {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const stored = { note: note && { pid: 1, host: 'elsewhere', ...note, at: note.at === 0 ? 0 : clock.now() } }
  const storage = { renewing: async () => stored.note } as unknown as HostStorage
  const gone = new AbortController()
  const goes = vi.fn()
  const waits = letOthersEnd(storage, clock, LIMIT, gone.signal)
  waits.then(goes, goes)
  return { clock, stored, gone, goes, waits }
}

it.each([
  ['there is none', null],
  ['it has come to its end', { ended: true }],
  ['it is older than a call may last', { at: 0 }],
  ['it is of this process', newNote()],
  ['it is of this process, and of an earlier release', { pid: process.pid, host: hostname() }],
  ['its process on this host is dead', { pid: spawnSync('true').pid, host: hostname() }],
] as const)('no renewal of another process is waited for where %s', async (_, note) => {
  const { clock, goes, waits } = stage(note)
  await clock.flush()
  expect(goes).toHaveBeenCalledOnce()
  await waits
})

it.each([
  ['on another host', {}],
  ['with the same pid and hostname in another container', { pid: process.pid, host: hostname(), id: 'other' }],
  ['on this host that lives', { pid: process.ppid, host: hostname() }],
])(
  'the renewal of a process %s is waited for until it is saved, and no longer than lets a call end in time',
  async (_, note) => {
    const saved = stage(note)
    await saved.clock.advance(3_000)
    expect(saved.goes).not.toHaveBeenCalled()
    saved.stored.note = null
    await saved.clock.advance(300)
    expect(saved.goes).toHaveBeenCalledOnce()

    const hung = stage(note)
    await hung.clock.advance(LIMIT - 1_500)
    expect(hung.goes).not.toHaveBeenCalled()
    await hung.clock.advance(1_000)
    expect(hung.goes).toHaveBeenCalledOnce()
  },
)

it('who has no more time does not wait', async () => {
  const { clock, gone, goes, waits } = stage({})
  await clock.advance(1_000)
  gone.abort(new Error('late'))
  await clock.advance(300)
  expect(goes).toHaveBeenCalledOnce()
  await expect(waits).rejects.toThrow('late')
})
