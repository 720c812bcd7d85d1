import type { Sending } from 'keyturn'
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
