import type { Sending, StoredSession } from 'keyturn'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

// Opaque access tokens without refresh tokens: another tab's sign-in of somebody else is taken for a refresh.
test('a switch of the user is noticed where tokens are opaque and there is no refresh token', async () => {
  const world = createWorld()
  const bare = (name: string, user: unknown) => () => ({ accessToken: `opaque-${name}`, user })
  world.server.signInScript.push(bare('ada', { name: 'ada' }), bare('bob', null))
  const [here, there] = [world.open(), world.open()]
  await here.auth.signIn({})
  await world.clock.flush()
  const sent: (string | null)[] = []
  let answer = (_status: number) => {}
  const send = async ({ token }: Sending) => {
    sent.push(token)
    return { status: sent.length === 1 ? await new Promise<number>((resolve) => (answer = resolve)) : 200 }
  }
  const done = there.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
  await world.clock.flush()
  await here.auth.signIn({})
  await world.clock.flush()
  answer(401)
  expect(await done).toMatchObject({ error: { code: 'session_changed' } })
  expect(sent).toEqual(['opaque-ada'])
  expect(there.names()).toEqual(['signed_in', 'signed_in'])
  expect(there.auth.getState().user).toEqual(here.auth.getState().user)
})

// Its record is lost, so storage does not tell whose the refresh token is that another tab has put there: the server does.
test('a renewal tells another person, where tokens are opaque: a request that began for the one before is not repeated', async () => {
  const { browser, clock, open, server } = createWorld()
  const issue = (name: string) => () => ({ ...server.issue(name), accessToken: `opaque-${name}`, user: { id: name } })
  server.signInScript.push(issue('ada'), issue('bob'))
  const ports = { openChannel: null, listenWake: () => () => {} }
  const here = open({ ports })
  await here.auth.signIn({})
  const there = open({ ports })
  await there.auth.signIn({})
  browser.setStored({ ...(browser.stored() as StoredSession), record: null })
  server.script.push(async () => ({ type: 'renewed', answer: { ...issue('bob')(), accessToken: 'opaque-bob-2' } }))
  const sent: (string | null)[] = []
  const send = async ({ token }: Sending) => ({ status: sent.push(token) === 1 ? 401 : 200 })
  const done = here.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send })
  await clock.advance(5_000)
  expect(await done).toMatchObject({ reply: { status: 401 }, error: { code: 'session_changed' } })
  expect(server.refreshes).toEqual(['refresh-2'])
  expect(here.auth.getState()).toMatchObject({ status: 'authenticated', user: { id: 'bob' } })
  expect(sent).toEqual(['opaque-ada'])
})
