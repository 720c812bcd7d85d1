import type { AuthStorage } from 'keyturn'
import { expect, test } from 'vitest'
import { reloaded } from '../reload.ts'
import { deferred } from '../storages.ts'
import { createWorld } from '../world.ts'

test.each([
  ['https://app.example.test/a?b=http:', true],
  ['http://localhost:5173/?from=https:', false],
  [null, false],
])('the storage is told whether the page is on https: %s', async (href, secure) => {
  const { open, browser } = createWorld()
  const { storage } = browser.openTab()
  const told: boolean[] = []
  const write: AuthStorage['write'] = (session, context) => {
    told.push(context.secure)
    return storage.write(session, context)
  }
  const page = href === null ? null : { href: () => href, base: () => href }
  const { auth } = open({ storage: { ...storage, write }, ports: { page } })
  await auth.signIn({})
  expect(told).toEqual([secure])
})

test('who learns on asking for the user that the session is gone does not clear what another tab writes next', async () => {
  const world = await reloaded()
  const [user, gate] = [deferred<unknown>(), deferred<void>()]
  world.server.getUser = () => user.promise
  const { storage } = world.browser.openTab()
  const write: AuthStorage['write'] = async (session, context) => {
    await gate.promise
    await storage.write(session, context)
  }
  const { auth } = world.open({ storage: { ...storage, write } })
  world.browser.setStored(null)
  user.resolve({ name: 'Ada' })
  await world.clock.advance(200)
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'storage_lost' })
  world.server.getUser = undefined
  await world.open().auth.signIn({})
  gate.resolve()
  await world.clock.flush()
  expect(world.browser.stored()?.refreshToken).toBe('refresh-2')
  expect(auth.getState().status).toBe('authenticated')
})
