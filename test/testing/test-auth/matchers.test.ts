import { restBackend } from 'keyturn'
import { authMatchers, createTestAuth } from 'keyturn/testing'
import { expect, test } from 'vitest'
import { duration } from '../../../src/testing/test-auth/duration.ts'

const start = () => createTestAuth({ backend: restBackend({ baseUrl: '/api' }) })
const { toBeSignedIn, toBeSignedOut, toHaveRefreshed } = authMatchers

test('matchers say what was there instead, without a token', async () => {
  const { auth, server, advance, dispose } = await start()
  await advance('55m')
  expect(toHaveRefreshed(server)).toMatchObject({ pass: true })
  expect(toHaveRefreshed(server, 2).pass).toBe(false)
  expect(toHaveRefreshed(server, 2).message()).toBe('The server has seen 1 refreshes, not 2: rotated 200.')
  expect(toBeSignedIn(auth, { email: 'grace@example.test' }).message()).toBe(
    'Somebody is signed in, and differs in: email.',
  )
  expect(toBeSignedOut(auth).pass).toBe(false)
  await auth.signOut()
  expect(toBeSignedOut(auth, 'signed_out').pass).toBe(true)
  expect(toBeSignedOut(auth, 'rejected').message()).toBe(
    'The session is signed out because of signed_out, not signed out because of rejected.',
  )
  expect(toBeSignedIn(auth).message()).toBe('Nobody is signed in: signed out because of signed_out.')
  dispose()
})

test('nothing is left when it is disposed', async () => {
  const { clock, page, tab, dispose } = await start()
  tab()
  dispose()
  expect(clock.pending).toBe(0)
  expect(page.held()).toEqual({ timers: 0, channels: 0, wakeListeners: 0 })
})

test.each([
  ['55m', 3_300_000],
  ['1h 30m', 5_400_000],
  ['1.5s', 1_500],
  ['2d', 172_800_000],
  ['500ms', 500],
])('%s is %i ms', (text, ms) => expect(duration(text)).toBe(ms))

test.each(['', 'soon', '5', '5x', '5m soon'])('%j is no time', (text) => {
  expect(() => duration(text)).toThrow("'55m'")
})
