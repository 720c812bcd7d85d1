import type { AuthError, RefreshOutcome } from 'keyturn'
import { describe, expect, test } from 'vitest'
import {
  createWorld,
  HOUR,
  held,
  jwt,
  MINUTE,
  never,
  outcome,
  renewElsewhere,
  signedIn,
  unavailable,
  type World,
} from '../world.ts'

/** The server fails until `mend` is called. Tells when it was asked, in ms from now. */
function failing(
  { server, clock }: Pick<World, 'server' | 'clock'>,
  answer: () => RefreshOutcome = () => unavailable(),
) {
  const began = clock.now()
  const asked: number[] = []
  let broken = true
  server.script = Array.from({ length: 10_000 }, () => (token: string) => {
    asked.push(clock.now() - began)
    return broken ? answer() : server.rotate(token)
  })
  return {
    asked,
    mend: () => {
      broken = false
    },
  }
}

const get = (world: Pick<World, never> & { auth: { exchange: (exchange: never) => Promise<unknown> } }) =>
  outcome(
    world.auth.exchange({
      url: '/data',
      origins: ['/'],
      repeatable: true,
      send: async () => ({ status: 200 }),
    } as never),
  )

describe('after an outage the click of the person counts', () => {
  test('a request makes the engine try, as soon as the last try is more than 3 s old, and succeeds', async () => {
    const world = await signedIn()
    const { asked, mend } = failing(world)
    // The token has run out, and the pauses between tries have grown to minutes.
    await world.clock.advance(55 * MINUTE + 14 * MINUTE)
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', problem: { code: 'unavailable' } })
    expect(world.auth.inspect().nextRefreshAt).toBeGreaterThan(world.clock.now() + 10_000)
    mend()
    const before = asked.length
    const click = get(world)
    await world.clock.advance(0)
    expect(click.result).toBe('done')
    expect(asked.length).toBe(before + 1)
    expect(world.auth.getState()).toMatchObject({ problem: null })
  })

  test.each(['a request', 'refresh()'] as const)(
    'tries made by %s double their distance, from 1 s to 1 min, while they fail',
    async (how) => {
      const world = await signedIn()
      world.clock.jump(2 * HOUR)
      const { asked } = failing(world)
      // Somebody who clicks each half second, for ten minutes.
      for (let count = 0; count < 1_200; count++) {
        if (how === 'refresh()') void outcome(world.auth.refresh())
        else get(world)
        await world.clock.advance(500)
      }
      // Four at first, the engine's own at most one in a pause that grows to minutes, and the calls: at 3, 6, … then 60 s.
      expect(asked.length).toBeLessThan(40)
      expect(asked.length).toBeGreaterThan(15)
      const gaps = asked.slice(-6).map((at, index, all) => at - (all[index - 1] ?? at))
      for (const gap of gaps.slice(1)) expect(gap).toBeLessThanOrEqual(61_000)
      for (const [index, at] of asked.entries())
        if (index > 4) expect(at - (asked[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000)
    },
  )

  test('all tabs together: one tab does not try what another tried less than 3 s ago', async () => {
    const world = await signedIn()
    const there = world.open()
    world.clock.jump(2 * HOUR)
    const { asked } = failing(world)
    for (const { auth } of [world, there]) void outcome(auth.refresh())
    await world.clock.advance(10_000)
    const before = asked.length
    get(world)
    await world.clock.advance(1_000)
    const click = get(there)
    await world.clock.advance(0)
    expect(click.result).toMatchObject({ code: 'unavailable' })
    expect(asked.length).toBeLessThanOrEqual(before + 1)
  })

  test('while the server has asked to wait, requests fail with its error and how old that is', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    const { asked } = failing(world, () => unavailable(429, 20 * MINUTE))
    get(world)
    await world.clock.advance(5 * MINUTE)
    const click = get(world)
    await world.clock.flush()
    expect(click.result).toMatchObject({ status: 429, message: expect.stringMatching(/\(300 s ago\)/) })
    expect(asked).toHaveLength(1)
  })

  test('but refresh() may, once a minute', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    const { asked } = failing(world, () => unavailable(429, 20 * MINUTE))
    get(world)
    await world.clock.advance(10_000)
    for (let count = 0; count < 600; count++) {
      void outcome(world.auth.refresh())
      await world.clock.advance(1_000)
    }
    expect(asked.length).toBeGreaterThanOrEqual(9)
    expect(asked.length).toBeLessThanOrEqual(12)
  })
})

describe('a storm by the hand of the app', () => {
  test.each(['refresh_failed', 'diagnostic', 'storage_failed'] as const)(
    'refresh() in a listener of %s is no loop',
    async (event) => {
      const world = await signedIn()
      const { asked } = failing(world)
      world.auth.on(event, () => void outcome(world.auth.refresh()))
      void outcome(world.auth.refresh())
      await world.clock.advance(5_000)
      expect(asked.length).toBeLessThanOrEqual(6)
      await world.clock.advance(5 * MINUTE)
      expect(asked.length).toBeLessThanOrEqual(30)
    },
  )

  test('refresh() in a listener of refreshed is once a second', async () => {
    const world = await signedIn()
    world.auth.on('refreshed', () => void outcome(world.auth.refresh()))
    void world.auth.refresh()
    await world.clock.advance(5_000)
    expect(world.server.refreshes.length).toBeLessThanOrEqual(6)
  })

  test('a request that fails in a listener of state, with refresh() after it', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    const { asked } = failing(world)
    world.auth.subscribe(() => get(world))
    world.auth.on('refresh_failed', () => get(world))
    get(world)
    await world.clock.advance(5_000)
    expect(asked.length).toBeLessThanOrEqual(6)
  })
})

describe('a 401 for a token that is very young', () => {
  const ask = async (world: Awaited<ReturnType<typeof signedIn>>, statuses: number[]) => {
    const sent: number[] = []
    const send = async () => {
      const status = statuses[sent.length] ?? 200
      sent.push(status)
      return { status }
    }
    return { sent, ...(await world.auth.exchange({ url: '/', origins: ['/'], repeatable: true, send })) }
  }

  test('is renewed if the token was accepted before', async () => {
    const world = await signedIn()
    await world.auth.refresh()
    expect((await ask(world, [200])).reply.status).toBe(200)
    const asked = ask(world, [401, 200])
    await world.clock.advance(1_000)
    expect((await asked).reply.status).toBe(200)
    expect(world.server.refreshes).toHaveLength(2)
  })

  test('is handed on if it never worked', async () => {
    const world = await signedIn()
    await world.auth.refresh()
    expect(await ask(world, [401])).toMatchObject({ reply: { status: 401 }, error: { code: 'token_refused' } })
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('a token of another kind that was accepted says nothing of the one after it', async () => {
    const world = await signedIn()
    expect((await ask(world, [200])).reply.status).toBe(200)
    await world.auth.refresh()
    expect(await ask(world, [401])).toMatchObject({ error: { code: 'token_refused' } })
    expect(world.server.refreshes).toHaveLength(1)
  })
})

describe('refresh() resolves once a renewal that began after the call is through', () => {
  test('beside a flight that has asked already: it waits for another', async () => {
    const world = await signedIn()
    let answer = () => {}
    world.server.script.push(
      (token) =>
        new Promise((resolve) => {
          answer = () => resolve(world.server.rotate(token))
        }),
    )
    const first = outcome(world.auth.refresh())
    await world.clock.flush()
    const calls = [outcome(world.auth.refresh()), outcome(world.auth.refresh()), outcome(world.auth.refresh())]
    answer()
    await world.clock.flush()
    expect([first.result, ...calls.map(({ result }) => result)]).toEqual(['done', undefined, undefined, undefined])
    await world.clock.advance(1_000)
    for (const { result } of calls) expect(result).toBe('done')
    // One under way, and one waiting, however many ask.
    expect(world.server.refreshes).toEqual(['refresh-1', 'refresh-2'])
  })

  test('within a second of a renewal: not before there is another', async () => {
    const world = await signedIn()
    await world.auth.refresh()
    const token = await world.auth.getAccessToken()
    const call = outcome(world.auth.refresh())
    await world.clock.advance(1_000)
    expect(call.result).toBe('done')
    expect(await world.auth.getAccessToken()).not.toBe(token)
  })

  test('a renewal that begins in another tab after the call counts', async () => {
    const world = await signedIn()
    const there = world.open()
    await world.clock.flush()
    const back = world.browser.takeLocks(false)
    const [one, other] = [outcome(world.auth.refresh()), outcome(there.auth.refresh())]
    back()
    await world.clock.advance(1_500)
    for (const { result } of [one, other]) expect(result).toBe('done')
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('tokens that another tab had before the call, and this one had not seen, do not count', async () => {
    const world = await signedIn({ channels: false })
    const token = renewElsewhere(world)
    await world.clock.advance(2_000)
    const call = outcome(world.auth.refresh())
    await world.clock.advance(2_000)
    expect(call.result).toBe('done')
    expect(world.server.refreshes).toEqual(['refresh-2'])
    expect(await world.auth.getAccessToken()).not.toBe(token)
  })

  test('when the flight under way fails, the one that waits still begins', async () => {
    const world = await signedIn()
    world.server.script.push(never)
    void outcome(world.auth.refresh())
    await world.clock.flush()
    const call = outcome(world.auth.refresh())
    await world.clock.advance(60_000)
    expect(call.result).toBe('done')
  })

  test('a sign-out ends the call that waits', async () => {
    const world = await signedIn()
    world.server.script.push(never)
    void outcome(world.auth.refresh())
    await world.clock.flush()
    const call = outcome(world.auth.refresh())
    await world.auth.signOut()
    await world.clock.flush()
    expect((call.result as AuthError).code).toBe('session_changed')
    expect(held(world.browser)).toBeNull()
  })
})

describe('getAccessToken() hands out no token that is about to run out', () => {
  test.each([
    ['an hour', 3600, 10_000],
    ['a minute', 60, 6_000],
    ['10 s', 10, 1_000],
  ])('of a life of %s: renewed with less than 10 s, or a tenth of it, left', async (_, life, least) => {
    const world = await signedIn({}, life)
    // No timer notices.
    world.clock.jump(life * 1_000 - least - 1)
    const mine = world.browser.stored()?.accessToken
    expect(await world.auth.getAccessToken()).toBe(mine)
    world.clock.jump(2)
    const token = outcome(world.auth.getAccessToken())
    await world.clock.advance(1_000)
    expect(token.result).toBe('done')
    expect(await world.auth.getAccessToken()).not.toBe(mine)
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('an option asks for more', async () => {
    const world = await signedIn()
    const mine = await world.auth.getAccessToken({ minLife: 30 * MINUTE })
    expect(world.server.refreshes).toHaveLength(0)
    await world.clock.advance(31 * MINUTE)
    expect(await world.auth.getAccessToken({ minLife: 30 * MINUTE })).not.toBe(mine)
    expect(world.server.refreshes).toHaveLength(1)
  })

  test('or for less: 0 hands out what has not run out', async () => {
    const world = await signedIn()
    world.clock.jump(HOUR - 1)
    expect(await world.auth.getAccessToken({ minLife: 0 })).toBe(world.browser.stored()?.accessToken)
    expect(world.server.refreshes).toHaveLength(0)
  })

  test('when the renewal fails, what has not run out yet is better than nothing', async () => {
    const world = await signedIn()
    const mine = await world.auth.getAccessToken()
    world.clock.jump(HOUR - 9_000)
    failing(world)
    const token = world.auth.getAccessToken()
    await world.clock.advance(3_000)
    expect(await token).toBe(mine)
  })

  test('a token whose end is not known is handed out', async () => {
    const world = createWorld()
    world.server.signInScript.push(() => ({ accessToken: jwt({ sub: 'ada' }), refreshToken: 'refresh-1' }))
    const { auth } = world.open()
    await auth.signIn({})
    expect(await auth.getAccessToken()).toBe(jwt({ sub: 'ada' }))
    expect(world.server.refreshes).toEqual([])
  })

  test('an access token that cannot stand in a header is no answer', async () => {
    const world = await signedIn()
    const before = world.browser.stored()
    for (const accessToken of ['a\nb', 'a\u0000b', 'a b', 'ä', '']) {
      world.server.signInScript.push(() => ({ accessToken, refreshToken: 'x' }))
      const signIn = outcome(world.auth.signIn({}))
      await world.clock.flush()
      const error = signIn.result as AuthError
      expect(error).toMatchObject({ code: 'invalid_response' })
      if (accessToken) expect(error.message).not.toContain(accessToken)
    }
    expect(world.browser.stored()).toEqual(before)
    world.server.script = Array.from(
      { length: 4 },
      () => () => ({ type: 'renewed', answer: { accessToken: 'a\nb' } }) as const,
    )
    const refresh = outcome(world.auth.refresh())
    await world.clock.advance(5_000)
    expect(refresh.result).toMatchObject({ code: 'invalid_response' })
    expect(world.auth.getState().status).toBe('authenticated')
  })
})
