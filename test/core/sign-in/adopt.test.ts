import type { AuthError, TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, held, jwt, never, outcome, signedIn } from '../world.ts'

describe('adopt(): tokens that came by another way', () => {
  test('sign in as signIn() does: stored, told in all tabs, and renewed in time', async () => {
    const world = createWorld()
    const [here, there] = [world.open(), world.open()]
    const answer = { ...world.server.issue(), user: { name: 'Ada' } }
    expect(await here.auth.adopt(answer)).toEqual({ name: 'Ada' })
    await world.clock.advance(100)
    for (const { auth } of [here, there])
      expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { name: 'Ada' } })
    expect(here.names()).toEqual(['signed_in'])
    expect(world.browser.stored()).toMatchObject({ refreshToken: 'refresh-1', record: { version: 1 } })
    await world.clock.advance(HOUR)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    expect(world.server.signIns).toBe(0)
  })

  test('the user comes from getUser, or the claims, where the answer has none', async () => {
    const world = createWorld()
    expect(await world.open().auth.adopt(world.server.issue())).toMatchObject({ sub: 'ada' })
    world.server.getUser = async () => ({ name: 'Asked' })
    expect(await world.open().auth.adopt(world.server.issue())).toEqual({ name: 'Asked' })
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'eyJ.eyJ.x'],
    ['a number', 5],
    ['an empty object', {}],
    ['a list', []],
    ['another name', { access_token: 'x', refresh_token: 'y' }],
    ['an empty token', { accessToken: '', refreshToken: 'y' }],
    ['a token that is no text', { accessToken: {}, refreshToken: 'y' }],
    ['a token with a line break', { accessToken: 'a\nb' }],
    ['a number as refresh token', { accessToken: 'a', refreshToken: 7 }],
    ['text as its life', { accessToken: 'a', expiresIn: 'soon' }],
    ['no number as its life', { accessToken: 'a', expiresIn: Number.NaN }],
    ['text as its end', { accessToken: 'a', expiresAt: 'tomorrow' }],
  ])('%s: invalid_response, and the session that was there is untouched', async (_, junk) => {
    const world = await signedIn()
    const [stored, state] = [world.browser.stored(), world.auth.getState()]
    const adopted = outcome(world.auth.adopt(junk as TokenAnswer))
    await world.clock.advance(1_000)
    const error = adopted.result as AuthError
    expect(error).toMatchObject({ name: 'AuthError', code: 'invalid_response' })
    expect(world.browser.stored()).toBe(stored)
    expect(world.auth.getState()).toBe(state)
    expect(world.events).toEqual([])
    expect(world.server.revoked).toEqual([])
  })

  test('a sign-out that comes while it asks for the user has the last word, and the tokens are revoked', async () => {
    const world = createWorld()
    world.server.getUser = never
    const { auth } = world.open()
    const adopted = outcome(auth.adopt(world.server.issue()))
    await world.clock.flush()
    await auth.signOut()
    await world.clock.advance(20_000)
    expect(adopted.result).toMatchObject({ code: 'session_changed' })
    expect(world.server.revoked).toEqual(['refresh-1'])
    expect(held(world.browser)).toBeNull()
  })

  test('a sign-in that is under way is overtaken by it', async () => {
    const world = createWorld()
    const { auth } = world.open()
    world.server.signInScript.push(() => new Promise(() => {}))
    const signIn = outcome(auth.signIn({}))
    await auth.adopt(world.server.issue('grace'))
    await world.clock.advance(20_000)
    expect(auth.getState()).toMatchObject({ user: { sub: 'grace' } })
    expect(signIn.result).toBeInstanceOf(Error)
  })

  test('tokens that have run out are renewed before they are used', async () => {
    const world = createWorld()
    const { refreshToken } = world.server.issue()
    const past = world.clock.now() / 1000 - 7200
    const { auth } = world.open()
    const accessToken = jwt({ sub: 'ada', iat: past, exp: past + 3600 })
    await auth.adopt({ accessToken, refreshToken, expiresAt: past + 3600 })
    await world.clock.advance(2_000)
    expect(auth.getState().status).toBe('authenticated')
    const sent: (string | null)[] = []
    const request = auth.exchange({
      url: '/',
      origins: ['/'],
      repeatable: true,
      send: async ({ token }) => {
        sent.push(token)
        return { status: token === accessToken ? 401 : 200 }
      },
    })
    await world.clock.advance(2_000)
    expect((await request).reply.status).toBe(200)
    expect(world.server.refreshes).toEqual([refreshToken])
  })
})
