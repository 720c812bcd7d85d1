import { expect, test } from 'vitest'
import { unseen, withoutAccess } from '../unseen.ts'
import { createWorld } from '../world.ts'

test('with the access token in memory, tabs do not keep each other from renewing: no token runs out', async () => {
  const world = createWorld()
  world.server.life = 6
  const site = unseen(world)
  const tabs = Array.from({ length: 6 }, () =>
    world.open({ backend: site.backend, storage: withoutAccess(world.browser.openTab().storage), restore: 'always' }),
  )
  await tabs[0]?.auth.signIn({})
  await world.clock.advance(10_000)
  for (let wait = 0; wait < 40; wait++) {
    await world.clock.advance(500)
    for (const { auth } of tabs) {
      const { expiresAt } = auth.inspect()
      expect(expiresAt).toBeGreaterThan(world.clock.now())
    }
  }
})

test('the access token renews itself and has run out: with cookies that tell of each write, it is not written without end', async () => {
  const world = createWorld()
  let writes = 0
  const { storage, ...tab } = world.browser.openTab()
  const { auth } = world.open({
    backend: {
      ...world.server.backend,
      kind: { access: 'token', refresh: 'access' },
      refresh: () => new Promise(() => {}),
    },
    storage: {
      ...storage,
      // As cookies do: what has run out is not kept.
      read() {
        const found = storage.read() as Exclude<ReturnType<typeof storage.read>, Promise<unknown>>
        const gone = (found?.record?.expiresAt ?? Infinity) <= world.clock.now()
        return found && gone ? { ...found, accessToken: null } : found
      },
      write(session, context) {
        writes++
        void storage.write(session, context)
        if (writes < 100) tab.wake('storage')
      },
    },
    ports: tab.ports,
  })
  await auth.signIn({})
  await world.clock.advance(2 * 3_600_000)
  tab.wake('visible')
  await world.clock.advance(5_000)
  expect(writes).toBeLessThan(5)
})
