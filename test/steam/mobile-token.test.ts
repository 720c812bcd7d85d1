import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createKeeper, type HostStorage, type Notice, sealedFile } from '../../src/node/index.ts'
import { newFolder } from '../node/folder.ts'
import { keys } from '../node/sealed/session.ts'
import { createFakeSteam, type FakeSteam } from './fake-steam.ts'
import { open } from './session.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const GENERATE = '/IAuthenticationService/GenerateAccessTokenForApp/v1/'

let steam: FakeSteam
let path: string
beforeEach(() => {
  steam = createFakeSteam()
  path = join(newFolder(), 'ada')
})
const file = () => sealedFile({ path, keys, profile: 'ada', backend: 'https://steamcommunity.com', create: true })
const sent = () => steam.callsTo(GENERATE).map(({ fields }) => fields)

/** A mobile session with `left` days to its end, kept by a check every 12 hours. */
const kept = async (left: number, renewableIn: number, storage: HostStorage = file()) => {
  const session = open(steam, { storage })
  const refreshToken = steam.token('mobile', { life: left, renewableIn })
  await session.auth.signIn({ refreshToken })
  const rotated: (string | undefined)[] = []
  session.onRotated(() => rotated.push(file().read()?.refreshToken ?? undefined))
  const notices: Notice[] = []
  const keeper = createKeeper({
    auth: session.auth,
    clock: steam.clock,
    random: () => 0,
    checkEvery: 12 * HOUR,
    renewIfOlderThan: 12 * HOUR,
    endsAt: session.endsAt,
    warnWithin: 14 * DAY,
    notify: (notice) => void notices.push(notice),
  })
  return { ...session, refreshToken, rotated, keeper, notices }
}

describe('a mobile token', () => {
  it('gives one cookie for every domain, from the host api, with the account and the kind of renewal', async () => {
    const { auth, cookieHeader, refreshToken } = await kept(200, 170)
    expect(sent()).toEqual([{ refresh_token: refreshToken, steamid: '76561198000000001', renewal_type: '0' }])
    expect(steam.calls.map(({ host }) => host)).toEqual(['api.steampowered.com'])
    const community = await cookieHeader('https://steamcommunity.com/')
    expect(community).toMatch(/^steamLoginSecure=76561198000000001%7C%7C[^;]+; sessionid=[\da-f]{24}$/)
    expect(await cookieHeader('https://store.steampowered.com/')).toBe(community)
    expect(auth.getState().user).toMatchObject({ platform: 'mobile', endsAt: steam.clock.now() + 200 * DAY })
  })

  it('is replaced within the window: the new one is on disk before anybody hears of it, the old one is never sent again', async () => {
    const { refreshToken, rotated, cookieHeader } = await kept(20, 0)
    await steam.clock.advance(13 * HOUR)
    const [fresh] = rotated
    expect(rotated).toHaveLength(1)
    expect(fresh).toBeTruthy()
    expect(fresh).not.toBe(refreshToken)
    expect(file().read()?.refreshToken).toBe(fresh)
    await steam.clock.advance(3 * DAY)
    const order = sent().map((fields) => fields.refresh_token)
    expect(order.lastIndexOf(refreshToken)).toBeLessThan(order.indexOf(fresh))
    expect(order.length).toBeGreaterThan(5)
    expect(await cookieHeader('https://steamcommunity.com/')).toMatch(/steamLoginSecure/)
  })

  it('stays the same outside of the window: only the cookies are new', async () => {
    const { keeper, rotated, auth, refreshToken } = await kept(200, 170)
    const version = auth.inspect().version
    expect(await keeper.runNow()).toMatchObject({ outcome: 'renewed' })
    expect(auth.inspect().version).toBe(version + 1)
    expect(rotated).toEqual([])
    expect(file().read()?.refreshToken).toBe(refreshToken)
    expect(sent().map((fields) => fields.renewal_type)).toEqual(['0', '0'])
  })

  it('is asked for without renewal where Steam answers the wish for one with nothing', async () => {
    const { keeper, refreshToken } = await kept(20, 0)
    steam.fault = ({ fields }) =>
      fields.renewal_type === '1' ? Response.json({ response: {} }, { headers: { 'x-eresult': '1' } }) : null
    expect(await keeper.runNow()).toMatchObject({ outcome: 'renewed' })
    expect(sent().map((fields) => fields.renewal_type)).toEqual(['0', '1', '0'])
    expect(file().read()?.refreshToken).toBe(refreshToken)
  })

  it('is not replaced where the new one could not be kept: in memory, or in a file that is only read', async () => {
    const refreshToken = steam.token('mobile', { life: 20, renewableIn: 0 })
    const inMemory = open(steam)
    await inMemory.auth.signIn({ refreshToken })
    await inMemory.auth.refresh()
    expect(sent().map((fields) => fields.renewal_type)).toEqual(['0', '0'])

    const owner = open(steam, { storage: file() })
    await owner.auth.signIn({ refreshToken })
    owner.auth.dispose()
    const calls = steam.calls.length
    const readOnly = sealedFile({ path, keys, profile: 'ada', backend: 'https://steamcommunity.com', readOnly: true })
    const reader = open(steam, { storage: readOnly })
    expect(await reader.cookieHeader('https://steamcommunity.com/')).toMatch(/steamLoginSecure/)
    const refused = reader.auth.refresh().catch((error: unknown) => error)
    await steam.clock.advance(60_000)
    expect(await refused).toMatchObject({ code: 'storage_failed' })
    expect(steam.calls).toHaveLength(calls)
  })

  it('that could not be saved is saved again and told, and the dead one is not sent meanwhile', async () => {
    const real = file()
    let broken = false
    let tries = 0
    const storage: HostStorage = {
      ...real,
      write(session) {
        if (!broken) return real.write(session)
        tries++
        unsaved = session
        throw new Error('disk full')
      },
      noteRenewal(tokens) {
        if (broken && steam.callsTo(GENERATE).length > 1) throw new Error('disk full')
        return real.noteRenewal(tokens)
      },
      retryWrite() {
        if (!unsaved) return
        tries++
        if (broken) throw new Error('disk full')
        real.write(unsaved)
        unsaved = null
      },
    }
    let unsaved: Parameters<HostStorage['write']>[0] | null = null
    const { auth, refreshToken, keeper } = await kept(20, 0, storage)
    const failed: string[] = []
    auth.on('storage_failed', ({ error }) => failed.push(error.message))
    broken = true
    await keeper.runNow()
    expect(failed).toHaveLength(1)
    expect(sent()).toHaveLength(2)
    await steam.clock.advance(2 * DAY)
    expect(tries).toBeGreaterThan(10)
    // Nothing that would rotate once more, and above all not the dead one.
    expect(
      sent()
        .slice(2)
        .map((fields) => fields.refresh_token),
    ).not.toContain(refreshToken)
    expect(sent()).toHaveLength(2)
    broken = false
    await steam.clock.advance(HOUR)
    const saved = file().read()?.refreshToken
    expect(saved).toBeTruthy()
    expect(saved).not.toBe(refreshToken)
    await steam.clock.advance(DAY)
    expect(
      sent()
        .slice(2)
        .map((fields) => fields.refresh_token),
    ).not.toContain(refreshToken)
    expect(sent().length).toBeGreaterThan(2)
  })

  it('that was renewed on another machine ends here in one clean sign-out that says so', async () => {
    const refreshToken = steam.token('mobile', { life: 20, renewableIn: 0 })
    const here = open(steam)
    await here.auth.signIn({ refreshToken })
    const there = open(steam, { storage: file() })
    await there.auth.signIn({ refreshToken })
    await there.auth.refresh()
    const over: unknown[] = []
    here.auth.on('signed_out', (event) => over.push(event))
    here.auth.refresh().catch(() => {})
    await steam.clock.advance(3 * DAY)
    expect(over).toEqual([
      {
        reason: 'rejected',
        error: expect.objectContaining({ message: expect.stringMatching(/another machine.*Sign in anew/) }),
      },
    ])
    expect(there.auth.getState().status).toBe('authenticated')
  })

  it('says how long it lives, and a person hears of its end two weeks before', async () => {
    const { notices, endsAt } = await kept(15, 999)
    const end = endsAt()
    expect(end).toBe(steam.clock.now() + 15 * DAY)
    expect(notices).toEqual([])
    await steam.clock.advance(2 * DAY)
    expect(notices).toEqual([expect.objectContaining({ type: 'expiring_soon', endsAt: end })])
  })
})
