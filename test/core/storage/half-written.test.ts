import type { SessionKind, StoredSession } from 'keyturn'
import { expect, test } from 'vitest'
import { REFRESH_COOKIE, unseen } from '../unseen.ts'
import { createWorld, HOUR, jwt, type World } from '../world.ts'

const NO_REFRESH: SessionKind = { access: 'token', refresh: 'none' }

/** Ada has signed in, and a tab has died between writing the next person's access token and their record. */
async function halfWritten(world: World, kind: SessionKind, accessToken: string): Promise<StoredSession> {
  world.server.withUser = { name: 'Ada' }
  const { refreshToken: _, ...answer } = world.server.issue()
  const before = world.open({ backend: { ...world.server.backend, kind } })
  await before.auth.adopt(answer)
  before.auth.dispose()
  const stored = { ...(world.browser.stored() as StoredSession), accessToken, fits: false }
  world.browser.setStored(stored)
  return stored
}
const bobs = ({ clock }: World) => jwt({ sub: 'bob', iat: clock.now() / 1000, exp: (clock.now() + HOUR) / 1000 })

test('a token that tells whose it is does not belong to the record of another person: a tab that opens shows its owner', async () => {
  const world = createWorld()
  const token = bobs(world)
  const { record } = await halfWritten(world, NO_REFRESH, token)
  const { auth } = world.open({ backend: { ...world.server.backend, kind: NO_REFRESH } })
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(await auth.getAccessToken()).toBe(token)
  await world.clock.advance(2_000)
  expect(auth.inspect().sessionId).not.toBe(record?.id)
  expect(world.browser.stored()?.record).toMatchObject({ id: auth.inspect().sessionId, subject: 'bob', user: null })
})

test('a tab that is open becomes its owner’s, and says so', async () => {
  const world = createWorld()
  const { auth, events, tab } = world.open({ backend: { ...world.server.backend, kind: NO_REFRESH } })
  world.server.withUser = { name: 'Ada' }
  const { refreshToken: _, ...answer } = world.server.issue()
  await auth.adopt(answer)
  const id = auth.inspect().sessionId
  events.length = 0
  const changes: unknown[] = []
  auth.on('user_changed', ({ user }) => changes.push((user as { readonly sub: string }).sub))
  const token = bobs(world)
  world.browser.setStored({ ...(world.browser.stored() as StoredSession), accessToken: token, fits: false })
  tab.wake('storage')
  await world.clock.advance(2_000)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
  expect(await auth.getAccessToken()).toBe(token)
  expect(auth.inspect().sessionId).not.toBe(id)
  expect(events).toEqual([['signed_in', { user: auth.getState().user, by: 'other_tab' }]])
  expect(changes).toEqual(['bob'])
})

test('one that tells nothing is not used where the server can be asked for another: its cookie knows who it is', async () => {
  const world = createWorld()
  const site = unseen(world)
  await halfWritten(world, REFRESH_COOKIE, 'opaque')
  world.server.withUser = { name: 'Bob' }
  site.cookie = world.server.issue('bob').refreshToken
  world.server.subject = 'bob'
  const { auth } = world.open({ backend: site.backend })
  expect(await auth.getAccessToken()).not.toBe('opaque')
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Bob' } })
  expect(world.server.refreshes).toHaveLength(1)
})

test('one that tells nothing, and that nothing renews, is nobody’s before the server has said whose it is', async () => {
  const world = createWorld()
  world.server.getUser = async () => ({ name: 'Bob' })
  await halfWritten(world, NO_REFRESH, 'opaque')
  const { auth } = world.open({ backend: { ...world.server.backend, getUser: world.server.getUser, kind: NO_REFRESH } })
  expect(auth.getState().user).toEqual({})
  await world.clock.advance(2_000)
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Bob' } })
  expect(await auth.getAccessToken()).toBe('opaque')
})

test('nor in a tab that is open: what began as the person before is not sent with it', async () => {
  const world = createWorld()
  world.server.getUser = async () => ({ name: 'Bob' })
  const backend = { ...world.server.backend, getUser: world.server.getUser, kind: NO_REFRESH }
  const { auth, tab } = world.open({ backend })
  await auth.adopt({ accessToken: 'of-ada', user: { name: 'Ada' } })
  const sent: unknown[] = []
  const waiting = auth.exchange({
    url: '/data',
    origins: ['/'],
    repeatable: true,
    send: async ({ token }: { readonly token: string | null }) => {
      sent.push(token)
      if (sent.length > 1) return { status: 200 }
      world.browser.setStored({ ...(world.browser.stored() as StoredSession), accessToken: 'of-bob', fits: false })
      tab.wake('storage')
      await world.clock.advance(2_000)
      return { status: 401 }
    },
  } as never)
  await waiting.catch(() => {})
  await world.clock.advance(2_000)
  expect(sent).toEqual(['of-ada'])
  expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Bob' } })
})
