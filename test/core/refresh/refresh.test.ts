import { AuthError } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, DAY, HOUR, held, jwt, MINUTE, never, signedIn, unavailable } from '../world.ts'

describe('when a refresh happens', () => {
  test('a token of one hour is renewed once, 5 minutes before it expires, and not before', async () => {
    const { clock, server } = await signedIn()
    await clock.advance(55 * MINUTE - 1)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(1)
  })

  test('a token of 30 days is not renewed before day 30 less 5 minutes, and then once', async () => {
    const { clock, server } = await signedIn({}, (30 * DAY) / 1000)
    await clock.advance(1000)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(30 * DAY - 5 * MINUTE - 1001)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(1)
  })

  test('a token of 400 days does not fire at once', async () => {
    const { clock, server } = await signedIn({}, (400 * DAY) / 1000)
    await clock.advance(DAY)
    expect(server.refreshes).toHaveLength(0)
  })

  test('a token of 4 minutes is renewed at two thirds of its life', async () => {
    const { clock, server } = await signedIn({}, 240)
    await clock.advance(160_000 - 1)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(80_000 + 1)
    expect(server.refreshes).toHaveLength(1)
  })

  test.each([10, 60])('a token of %i s causes no storm', async (life) => {
    const { clock, server } = await signedIn({}, life)
    await clock.advance(10 * life * 1000)
    expect(server.refreshes.length).toBeGreaterThanOrEqual(10)
    expect(server.refreshes.length).toBeLessThanOrEqual(15)
  })

  test('an opaque token without expires_in is never renewed of itself', async () => {
    const { clock, server, open } = createWorld()
    server.signInScript.push(() => ({ accessToken: 'opaque', refreshToken: 'r1' }))
    const { auth } = open()
    await auth.signIn({})
    await clock.advance(10 * DAY)
    expect(server.refreshes).toHaveLength(0)
    expect(auth.getState().status).toBe('authenticated')
    expect(await auth.getAccessToken()).toBe('opaque')
  })

  test('an opaque token with expires_in is renewed in time', async () => {
    const { clock, server, open } = createWorld()
    server.signInScript.push(() => ({
      accessToken: 'opaque',
      refreshToken: server.issue().refreshToken,
      expiresIn: 3600,
    }))
    const { auth } = open()
    await auth.signIn({})
    await clock.advance(55 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })

  test('exp as text is unknown, not a loop', async () => {
    const { clock, server, open } = createWorld()
    server.signInScript.push(() => ({ accessToken: jwt({ sub: 'ada', exp: '1' }), refreshToken: 'r1' }))
    await open().auth.signIn({})
    await clock.advance(DAY)
    expect(server.refreshes).toHaveLength(0)
  })

  test('fresh tokens that arrive expired cause no loop, but a diagnostic', async () => {
    const { clock, server, events, names } = await signedIn()
    server.life = -10
    await clock.advance(2 * HOUR)
    expect(server.refreshes).toHaveLength(1)
    expect(names()).toContain('diagnostic')
    expect(events.length).toBeLessThan(5)
  })

  test.each([2, -2])('a device clock wrong by %i h changes nothing', async (hours) => {
    const { clock, server, open } = createWorld()
    server.skew = hours * HOUR
    const { auth } = open()
    await auth.signIn({})
    expect(auth.inspect().skew).toBe(hours * HOUR)
    await clock.advance(55 * MINUTE - 1)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(3 * HOUR + 1)
    expect(server.refreshes).toHaveLength(4)
    expect(auth.getState().status).toBe('authenticated')
  })

  test('the skew survives a reload', async () => {
    const { clock, server, open } = createWorld()
    server.skew = 2 * HOUR
    await open().auth.signIn({})
    const reloaded = open().auth
    expect(reloaded.inspect().skew).toBe(2 * HOUR)
    await clock.advance(54 * MINUTE)
    expect(server.refreshes).toHaveLength(0)
  })

  test.each([3 * HOUR, -3 * HOUR])('a clock moved by %i ms while running causes one refresh at most', async (ms) => {
    const { clock, server, auth } = await signedIn()
    await clock.advance(10 * MINUTE)
    clock.jump(ms)
    await clock.advance(5 * MINUTE)
    expect(server.refreshes).toHaveLength(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('a laptop that slept past the expiry refreshes once when it wakes', async () => {
    const { clock, server, tab, auth } = await signedIn()
    clock.jump(8 * HOUR)
    tab.wake('visible')
    tab.wake('online')
    await clock.advance(0)
    expect(server.refreshes).toHaveLength(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('without any wake signal, a minute is enough', async () => {
    const { clock, server } = await signedIn()
    clock.jump(8 * HOUR)
    await clock.advance(MINUTE)
    expect(server.refreshes).toHaveLength(1)
  })

  test('every path arms the timer for the new token and disarms the old one', async () => {
    const { clock, server, auth } = await signedIn()
    await clock.advance(30 * MINUTE)
    await auth.refresh()
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(55 * MINUTE - 1)
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(1)
    expect(server.refreshes).toHaveLength(2)
  })

  test('a fleet is spread: jitter moves the refresh forward by up to a tenth of the margin', async () => {
    const { clock, server } = await signedIn({ random: () => 0.999 })
    await clock.advance(54.5 * MINUTE - 1000)
    expect(server.refreshes).toHaveLength(0)
    await clock.advance(2000)
    expect(server.refreshes).toHaveLength(1)
  })
})

describe('what a refresh does', () => {
  test('everybody who asks shares one flight', async () => {
    const { server, auth } = await signedIn()
    await Promise.all(Array.from({ length: 50 }, () => auth.refresh()))
    expect(server.refreshes).toHaveLength(1)
  })

  test('a server that does not rotate keeps its refresh token', async () => {
    const { server, auth, browser } = await signedIn()
    const before = browser.stored()?.refreshToken
    server.script.push(() => ({ type: 'renewed', answer: { accessToken: jwt({ sub: 'ada' }) } }))
    await auth.refresh()
    expect(browser.stored()?.refreshToken).toBe(before)
  })

  test('extended: the same tokens live longer', async () => {
    const { clock, server, auth, browser } = await signedIn()
    const before = browser.stored()
    await clock.advance(10_000)
    server.script.push(() => ({ type: 'extended', expiresIn: 7200 }))
    await auth.refresh()
    expect(browser.stored()?.accessToken).toBe(before?.accessToken)
    expect(auth.inspect().expiresAt).toBe(clock.now() + 2 * HOUR)
  })

  test('extended, where there is no access token that could live longer: a failure, and the session is kept', async () => {
    const { clock, server, browser, open } = await signedIn()
    browser.setStored({ accessToken: null, refreshToken: 'refresh-1', record: browser.stored()?.record ?? null })
    server.script.push(() => ({ type: 'extended', expiresIn: 7200 }))
    const { auth, events } = open()
    await clock.advance(100)
    expect(events).toMatchObject([['refresh_failed', { error: { code: 'invalid_response' } }]])
    await clock.advance(1_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(await auth.getAccessToken()).toBe(browser.stored()?.accessToken)
  })

  test('an answer for another subject: its tokens are taken, and the call is through', async () => {
    const { server, auth, browser } = await signedIn()
    const id = auth.inspect().sessionId
    server.subject = 'ada@new.example.test'
    await auth.refresh()
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada@new.example.test' } })
    expect(browser.stored()).toMatchObject({ refreshToken: 'refresh-2', record: { id, version: 2 } })
  })

  test.each([
    [
      'throws at once',
      () => {
        throw new Error('bug')
      },
    ],
    ['answers undefined', () => undefined as never],
    ['answers junk', () => ({ type: 'nonsense' }) as never],
    ['answers without a token', () => ({ type: 'renewed', answer: {} }) as never],
    ['answers with a number as token', () => ({ type: 'renewed', answer: { accessToken: 7 } }) as never],
  ])('a backend that %s leaves the session, and the engine recovers', async (_, step) => {
    const { clock, server, auth } = await signedIn()
    server.script = [step]
    const refresh = auth.refresh()
    await clock.advance(5_000)
    await refresh
    expect(server.refreshes).toHaveLength(2)
    expect(auth.getState().status).toBe('authenticated')
  })

  test('503 twice, then an answer: the caller sees only the answer', async () => {
    const { clock, server, auth } = await signedIn()
    server.script = [() => unavailable(), () => unavailable()]
    const refresh = auth.refresh()
    await clock.advance(5_000)
    await refresh
    expect(server.refreshes).toHaveLength(3)
    expect(auth.inspect().failures).toBe(0)
    expect(server.revoked).toEqual([])
  })

  test('while the network is down callers fail, nobody is signed out, and online brings it back', async () => {
    const { clock, server, auth, tab, browser } = await signedIn()
    server.script = Array.from({ length: 100 }, () => () => Promise.reject(new TypeError('Failed to fetch')))
    const failed = expect(auth.refresh()).rejects.toMatchObject({ code: 'unavailable' })
    await clock.advance(15_000)
    await failed
    await clock.advance(2 * HOUR)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { code: 'unavailable' } })
    expect(browser.stored()?.refreshToken).toBeTruthy()
    server.script = []
    tab.wake('online')
    await clock.advance(1_000)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
  })

  test('a failed early refresh blocks nobody, shows no problem, and is tried again', async () => {
    const { clock, server, auth, names } = await signedIn()
    server.script = Array.from({ length: 5 }, () => () => unavailable())
    await clock.advance(55 * MINUTE + 1_000)
    expect(server.refreshes.length).toBeGreaterThan(1)
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    expect(await auth.getAccessToken()).toBeTruthy()
    await clock.advance(4 * MINUTE)
    expect(names()).toContain('refreshed')
    expect(server.refreshes).toHaveLength(6)
  })

  test('the back-off grows to 5 minutes and no more', async () => {
    const { clock, server } = await signedIn()
    server.script = Array.from({ length: 1000 }, () => () => unavailable())
    await clock.advance(55 * MINUTE + DAY)
    expect(server.refreshes.length).toBeGreaterThan(280)
    expect(server.refreshes.length).toBeLessThan(600)
  })

  test('Retry-After is honoured, by callers, by the timer and by wake signals', async () => {
    const { clock, server, auth, tab } = await signedIn()
    server.script = [() => unavailable(429, 120_000)]
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'unavailable', status: 429 })
    tab.wake('online')
    await expect(auth.refresh()).rejects.toMatchObject({ status: 429 })
    await clock.advance(119_000)
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(1_000)
    expect(server.refreshes).toHaveLength(2)
  })

  test('a refresh that hangs is bounded, and the next one can try again', async () => {
    const { clock, server, auth } = await signedIn()
    let signal: AbortSignal | undefined
    server.script = [
      (_, context) => {
        signal = context.signal
        return never()
      },
    ]
    const refresh = auth.refresh()
    await clock.advance(9_999)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(signal?.aborted).toBe(true)
    await clock.advance(1_000)
    await refresh
    expect(server.refreshes).toHaveLength(2)
  })

  test('with a server that always hangs, callers settle within 15 s', async () => {
    const { clock, server, auth } = await signedIn()
    server.script = Array.from({ length: 9 }, () => never)
    const failed = expect(auth.refresh()).rejects.toMatchObject({ code: 'unavailable' })
    await clock.advance(15_000)
    await failed
    expect(auth.getState().status).toBe('authenticated')
  })

  test('a refused refresh token ends the session once, and empties the storage', async () => {
    const { clock, server, auth, browser, names } = await signedIn()
    server.alive = false
    const failed = [auth.refresh(), auth.refresh()].map((call) =>
      expect(call).rejects.toMatchObject({ code: 'rejected' }),
    )
    await clock.advance(2_000)
    await Promise.all(failed)
    expect(server.refreshes).toHaveLength(1)
    expect(held(browser)).toBeNull()
    expect(auth.getState()).toMatchObject({
      status: 'unauthenticated',
      reason: 'rejected',
      error: { code: 'rejected' },
    })
    expect(names()).toEqual(['signed_out'])
  })

  test('the loser of a race waits, reads again and adopts what the winner wrote', async () => {
    const { clock, server, auth, browser } = await signedIn({ locks: false })
    const stored = browser.stored()
    server.script = [() => ({ type: 'rejected', error: new AuthError('rejected', 'already used') })]
    const refresh = auth.refresh()
    await clock.advance(50)
    const winner = server.issue()
    browser.setStored({
      ...stored,
      record: stored?.record ?? null,
      accessToken: winner.accessToken,
      refreshToken: winner.refreshToken ?? '',
    })
    await clock.advance(1_000)
    await refresh
    expect(await auth.getAccessToken()).toBe(winner.accessToken)
    expect(auth.getState().status).toBe('authenticated')
  })

  test('409: storage is read again, then it is tried again', async () => {
    const { clock, server, auth } = await signedIn()
    server.script = [() => ({ type: 'conflict', error: new AuthError('unavailable', 'conflict', { status: 409 }) })]
    const refresh = auth.refresh()
    await clock.advance(1_000)
    await refresh
    expect(server.refreshes).toHaveLength(2)
  })

  test('interaction required: the engine stops trying and tells the app', async () => {
    const { clock, server, auth, events } = await signedIn()
    server.script = [() => ({ type: 'interaction_required', error: new AuthError('interaction_required', 'captcha') })]
    await expect(auth.refresh()).rejects.toMatchObject({ code: 'interaction_required' })
    expect(auth.getState()).toMatchObject({ status: 'authenticated', problem: { code: 'interaction_required' } })
    await clock.advance(DAY)
    expect(server.refreshes).toHaveLength(1)
    expect(events).toContainEqual(['refresh_failed', expect.objectContaining({ retryAt: null })])
    await auth.refresh()
    expect(auth.getState()).toMatchObject({ problem: null })
  })

  test('a session without a refresh token ends when its access token does', async () => {
    const { clock, server, open } = createWorld()
    server.signInScript.push(() => ({ ...server.issue(), refreshToken: null }))
    const { auth } = open()
    await auth.signIn({})
    await clock.advance(HOUR - 1)
    expect(auth.getState().status).toBe('authenticated')
    await clock.advance(1)
    expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'expired' })
    expect(server.refreshes).toHaveLength(0)
  })

  test('10 rotations change no state', async () => {
    const { clock, server, auth } = await signedIn()
    const state = auth.getState()
    let calls = 0
    auth.subscribe(() => calls++)
    await clock.advance(10 * 55 * MINUTE)
    expect(server.refreshes).toHaveLength(10)
    expect(calls).toBe(0)
    expect(auth.getState()).toBe(state)
  })
})
