import { AuthError } from 'keyturn'
import { expect, test } from 'vitest'
import { createWorld, HOUR, never, outcome, signedIn } from '../world.ts'

/** A sign-in for which the page is left: who comes back without is told by `back`. */
function leaving() {
  let back: (error: AuthError) => void = () => {}
  const promise = new Promise<never>((_, reject) => {
    back = reject
  })
  return { answer: { leaving: promise }, back }
}

test('a sign-in that leaves the page is pending until the page goes, however long that takes', async () => {
  const { open, server, clock } = createWorld()
  const { auth } = open()
  server.signInScript.push(() => ({ leaving: never() }))
  const seen = outcome(auth.signIn({}))
  await clock.advance(HOUR)
  expect(seen).toEqual({})
  expect(auth.getState().status).toBe('unauthenticated')
})

test('it rejects when the person comes back to the page, and the session that was there goes on', async () => {
  const { auth, server, clock } = await signedIn()
  const { answer, back } = leaving()
  server.signInScript.push(() => answer)
  const seen = outcome(auth.signIn({}))
  await clock.flush()
  back(new AuthError('interaction_required', 'came back'))
  await clock.flush()
  expect(seen.result).toMatchObject({ code: 'interaction_required' })
  expect(auth.getState().status).toBe('authenticated')
})

test('after dispose() it rejects', async () => {
  const { auth, server, clock } = await signedIn()
  server.signInScript.push(() => ({ leaving: never() }))
  const seen = outcome(auth.signIn({}))
  await clock.flush()
  auth.dispose()
  await clock.flush()
  expect(seen.result).toMatchObject({ code: 'disposed' })
  expect(clock.pending).toBe(0)
})
