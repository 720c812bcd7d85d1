import { type AuthError, isAuthError, type SignOutScope } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, never, outcome, signedIn } from '../world.ts'

describe('what apps hand to the functions of auth', () => {
  test.each<[string, unknown]>([
    ['a number', 5],
    ['a text', 'later'],
    ['null', null],
    ['Infinity', Infinity],
    ['NaN', Number.NaN],
    ['less than 0', -1],
  ])('minLife: %s ends in a token, or in misconfigured, never in a storm', async (_, minLife) => {
    const world = await signedIn()
    for (let count = 0; count < 20; count++) {
      const token = outcome(world.auth.getAccessToken({ minLife: minLife as number }))
      await world.clock.advance(100)
      if (token.result !== 'done' && token.result !== undefined)
        expect(token.result).toMatchObject({ code: 'misconfigured' })
    }
    expect(world.server.refreshes.length).toBeLessThanOrEqual(3)
    expect(world.auth.getState().status).toBe('authenticated')
  })

  test.each(['all', '', 'LOCAL', 'toString', '__proto__'])(
    'signOut({ scope: %j }): misconfigured, and nobody is signed out',
    async (scope) => {
      const world = await signedIn()
      await expect(world.auth.signOut({ scope: scope as SignOutScope })).rejects.toMatchObject({
        code: 'misconfigured',
      })
      expect(world.auth.getState().status).toBe('authenticated')
      expect(world.server.revoked).toEqual([])
    },
  )

  test.each([Infinity, Number.NaN, -1, 2 ** 40, 0])(
    'a request whose timeout is %s waits as if it had none: 14 s at most',
    async (timeout) => {
      const world = await signedIn()
      world.clock.jump(2 * HOUR)
      world.server.script = Array.from({ length: 9 }, () => never)
      const send = async () => ({ status: 200 })
      const request = outcome(world.auth.exchange({ url: '/', origins: ['/'], repeatable: true, timeout, send }))
      await world.clock.advance(13_999)
      expect(request.result).toBeUndefined()
      await world.clock.advance(1)
      expect(request.result).toMatchObject({ code: 'unavailable' })
    },
  )

  test('an error of other people that is named AuthError is told as what it is', async () => {
    class AuthErrorOfOthers extends Error {
      override readonly name = 'AuthError'
    }
    const foreign = new AuthErrorOfOthers('theirs')
    expect(isAuthError(foreign)).toBe(false)
    const world = createWorld()
    world.server.signInScript.push(() => Promise.reject(foreign))
    const { auth } = world.open()
    const signIn = outcome(auth.signIn({}))
    await world.clock.flush()
    const error = signIn.result as AuthError
    expect(error).not.toBe(foreign)
    expect(error).toMatchObject({ code: 'unavailable', cause: foreign })
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'AuthError'],
    ['a number', 1],
    ['a plain error', new Error('x')],
    ['an unknown code', { name: 'AuthError', code: 'ERR_BAD', message: 'x' }],
  ])('isAuthError: not %s', (_, value) => {
    expect(isAuthError(value)).toBe(false)
  })
})
