import { beforeEach, describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/index.ts'
import { steamBackend } from '../../src/steam/index.ts'
import { ADA, createFakeSteam, EVE, type FakeSteam } from './fake-steam.ts'
import { open } from './session.ts'

let steam: FakeSteam
beforeEach(() => {
  steam = createFakeSteam()
})
const refused = async (refreshToken: unknown, options = {}) => {
  const error = (await open(steam, options)
    .auth.signIn({ refreshToken: refreshToken as string })
    .catch((error: unknown) => error)) as Error
  expect(error).toMatchObject({ code: 'misconfigured' })
  expect(steam.calls).toEqual([])
  return error.message
}

describe('before any call', () => {
  it('a token of another account is refused', async () => {
    expect(await refused(steam.token('web', { steamId: EVE }))).toMatch(
      `of account ${EVE}, and the session is of ${ADA}`,
    )
  })
  it('an access token in place of a refresh token is refused', async () => {
    expect(await refused(steam.accessToken())).toMatch(/this is an access token/)
  })
  it.each([[undefined], [''], ['none'], ['a.b.c'], [42], [null]])('what is no token (%s) is refused', async (token) => {
    expect(await refused(token)).toMatch(/no refresh token/)
  })
  it("a token of Steam's own client is refused", async () => {
    expect(await refused(steam.token('client'))).toMatch(/unsupported for this platform \(client\)/)
  })
  it('a web token is refused where only new access tokens are wanted', async () => {
    const told = await refused(steam.token('web'), { platform: 'mobile' })
    expect(told).toMatch(/unsupported for this platform: platform is 'mobile', and this is a token for 'web'/)
  })
  it('a stored token that the options no longer fit is not sent, and a person is asked for', async () => {
    const storage = memoryStorage()
    const first = open(steam, { storage })
    await first.auth.signIn({ refreshToken: steam.token('web') })
    first.auth.dispose()
    steam.calls.length = 0
    const next = open(steam, { storage, steamId: EVE })
    await expect(next.auth.refresh()).rejects.toMatchObject({ code: 'interaction_required' })
    expect(steam.calls).toEqual([])
  })
})

describe('options', () => {
  it.each([
    [{}, /17 digits/],
    [{ steamId: 7656119800000000 }, /17 digits/],
    [{ steamId: ADA, platform: 'client' }, /platform must be/],
    [{ steamId: ADA, rotateWithin: -1 }, /rotateWithin/],
  ])('%j are refused', (options, why) => {
    expect(() => steamBackend(options as never)).toThrow(why)
  })
  it('without a storage are refused', () => {
    expect(() => open(steam, { storage: undefined as never })).toThrow(/no storage/)
  })
})
