import { expect, it, vi } from 'vitest'
import type { Boss } from '../../../src/node/fleet/boss.ts'
import { createFleet } from '../../../src/node/fleet/create-fleet.ts'
import type { KeeperMemory } from '../../../src/node/keeper/types.ts'
import { fakeSite } from '../keeper/fake-auth.ts'

type Handler = Parameters<Boss['work']>[2]
interface Waiting {
  readonly account: string
  readonly memory: KeeperMemory | null
}

/** A queue in memory: one job, or claim, of each key waits. */
function fakeBoss() {
  const queues = new Map<string, Map<string, { readonly id: string; readonly data: unknown }>>()
  const handlers = new Map<string, Handler>()
  const at = (name: string) => queues.get(name) ?? queues.set(name, new Map()).get(name) ?? new Map()
  let count = 0
  const boss = {
    createQueue: async () => {},
    send: async (name: string, data: unknown, { singletonKey }: { singletonKey: string }) => {
      if (at(name).has(singletonKey)) return null
      const id = String(++count)
      at(name).set(singletonKey, { id, data })
      return id
    },
    deleteJob: vi.fn<Boss['deleteJob']>(async (name, id) => {
      for (const [key, job] of at(name)) if (job.id === id) at(name).delete(key)
    }),
    async work(name: string, _options: object, handler: Handler) {
      handlers.set(name, handler)
      return name
    },
    offWork: async () => {},
  } satisfies Boss
  return {
    boss,
    waiting: (name: string, key: string) => at(name).get(key)?.data as Waiting | undefined,
    async run(name: string, key: string) {
      const job = at(name).get(key)
      at(name).delete(key)
      await handlers.get(name)?.([{ data: job?.data }])
    },
  }
}

it('what the keeper remembers is kept where a claim cannot be removed, and somebody hears of it', async () => {
  const { boss, waiting, run } = fakeBoss()
  const site = fakeSite()
  await site.auth.signIn({})
  const onError = vi.fn()
  const open = () => ({ auth: site.auth, clock: site.clock, random: () => 0 })
  const fleet = await createFleet({ boss, queue: 'keep', open, onError })
  await fleet.add('ada')
  expect(waiting('keep', 'ada')).toEqual({ account: 'ada', memory: null })
  const failed = new Error('The database is away.')
  boss.deleteJob.mockRejectedValueOnce(failed)
  await run('keep', 'ada')
  expect(onError.mock.calls).toEqual([[failed, 'ada']])
  expect(waiting('keep', 'ada')).toEqual({ account: 'ada', memory: expect.any(Object) })
})

it('a boss that cannot remove a job is refused at the start', async () => {
  const { deleteJob: _, ...boss } = fakeBoss().boss
  await expect(createFleet({ boss: boss as unknown as Boss, open: () => null })).rejects.toThrow(/no boss/)
})
