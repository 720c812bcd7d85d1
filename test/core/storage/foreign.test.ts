import type { AuthOptions, AuthStorage, StoredSession } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { asynchronous } from '../storages.ts'
import { createWorld, HOUR, outcome, signedIn, type World } from '../world.ts'

const THEIRS = 'http://localhost:3001'

/** Another app's session, as that app leaves it in the jar that both share. */
function plant({ browser, clock }: Pick<World, 'browser' | 'clock'>, backend: string = THEIRS): StoredSession {
  const now = clock.now()
  const record = {
    id: 'theirs',
    order: now + 1,
    version: 1,
    backend,
    receivedAt: now,
    expiresAt: now + HOUR,
    skew: 0,
    user: { name: 'Eve' },
  }
  const session = { accessToken: 'their-access', refreshToken: 'their-refresh', record }
  browser.setStored(session)
  return session
}

const diagnostics = ({ events }: ReturnType<World['open']>) => events.filter(([name]) => name === 'diagnostic')

describe('what another back end’s app left in the same jar', () => {
  test('is neither used, nor sent, nor deleted; and a diagnostic names the prefix', async () => {
    const world = createWorld()
    const session = plant(world)
    const tab = world.open()
    expect(tab.auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'none' })
    expect(await tab.auth.getAccessToken()).toBeNull()
    const sent: unknown[] = []
    const send = async ({ token }: { token: string | null }) => {
      sent.push(token)
      return { status: 401 }
    }
    await tab.auth.exchange({ url: '/', origins: ['/'], repeatable: true, send })
    tab.tab.wake('visible')
    await world.clock.advance(HOUR)
    expect(sent).toEqual([null])
    expect(world.server.refreshes).toEqual([])
    expect(world.browser.stored()).toBe(session)
    expect(diagnostics(tab)).toMatchObject([
      ['diagnostic', { error: { code: 'misconfigured', message: expect.stringMatching(/prefix/) } }],
    ])
    expect(JSON.stringify(tab.events)).not.toMatch(/their-|Eve|theirs/)
  })

  test('stays there when somebody who is not signed in signs out', async () => {
    const world = createWorld()
    const session = plant(world)
    const { auth } = world.open()
    await auth.signOut()
    expect(world.browser.stored()).toBe(session)
    expect(world.server.revoked).toEqual([])
  })

  test('that displaces a live session is left alone: this one goes on in memory', async () => {
    const world = await signedIn()
    const session = plant(world)
    world.tab.wake('storage')
    await world.clock.advance(1_000)
    expect(world.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada' } })
    expect(world.auth.inspect().persisted).toBe(false)
    await world.clock.advance(55 * 60_000)
    expect(world.server.refreshes).toEqual(['refresh-1'])
    expect(world.names()).toContain('refreshed')
    expect(diagnostics(world)).toHaveLength(1)
    expect(world.browser.stored()).toBe(session)
    const signOut = world.auth.signOut()
    await world.clock.advance(100)
    expect(await signOut).toEqual({ revoked: true })
    expect(world.server.revoked).toEqual(['refresh-2'])
    expect(world.browser.stored()).toBe(session)
  })

  test('is written over by a sign-in, which a diagnostic reports with the cure', async () => {
    const world = createWorld()
    plant(world)
    const tab = world.open()
    await world.clock.flush()
    const { length } = diagnostics(tab)
    await tab.auth.signIn({})
    await world.clock.flush()
    expect(world.browser.stored()?.refreshToken).toBe('refresh-1')
    expect(diagnostics(tab).slice(length)).toMatchObject([
      ['diagnostic', { error: { message: expect.stringMatching(/wrote over.*prefix/) } }],
    ])
  })

  test('does not move the order of this app’s sign-ins', async () => {
    const world = createWorld()
    plant(world)
    const { auth } = world.open()
    await auth.signIn({})
    expect(world.browser.stored()?.record?.order).toBe(world.clock.now())
  })
})

describe('which session is ours', () => {
  const page = { href: () => 'https://app.example.test/', base: () => 'https://app.example.test/' }
  const opened = (stored: string | null | undefined, options: Partial<AuthOptions>, domain?: string) => {
    const world = createWorld()
    const session = plant(world)
    const { backend: _, ...record } = session.record ?? { id: 'x', receivedAt: 0, expiresAt: null, skew: 0, user: null }
    world.browser.setStored({ ...session, record: stored === undefined ? record : { ...record, backend: stored } })
    const { storage } = world.browser.openTab()
    const shared: AuthStorage = domain ? { ...storage, domain } : storage
    const backend = { ...world.server.backend, ...(options.backend ?? {}) }
    return world.open({ ports: { page }, storage: shared, ...options, backend }).auth.getState().status
  }
  const at = (baseUrl: string) => ({ backend: { baseUrl } as never })

  test.each<[string, string | null | undefined, Partial<AuthOptions>, string?]>([
    ['the origin of baseUrl', 'https://api.example.test', at('https://api.example.test/v2/')],
    ['the page’s origin for a relative baseUrl', 'https://app.example.test', at('/api')],
    ['without a baseUrl, the page’s origin', 'https://app.example.test', {}],
    ['the domain, where the storage has one', 'example.test', at('https://api.example.test'), 'example.test'],
    ['backendName before all else', 'shop', { ...at('https://api.example.test'), backendName: 'shop' }, 'example.test'],
    ['a name of before', 'https://old.example.test', { formerly: ['https://older.test', 'https://old.example.test'] }],
    ['a record of 0.1.0, which names none', undefined, at('https://api.example.test')],
    ['a record that names null', null, at('https://api.example.test')],
  ])('%s', (_, stored, options, domain) => {
    expect(opened(stored, options, domain)).toBe('authenticated')
  })

  test.each<[string, string, Partial<AuthOptions>, string?]>([
    ['another port', 'https://app.example.test:8443', {}],
    ['another scheme', 'http://app.example.test', {}],
    ['the origin, where there is a domain', 'https://app.example.test', {}, 'example.test'],
    ['the path of baseUrl', 'https://app.example.test/api', at('/api')],
    ['the page, where the back end is elsewhere', 'https://app.example.test', at('https://api.example.test')],
    ['a name that only begins alike', 'https://app.example.test.evil.test', {}],
  ])('not %s', (_, stored, options, domain) => {
    expect(opened(stored, options, domain)).toBe('unauthenticated')
  })

  test('a session is stored with the name of its back end', async () => {
    const world = createWorld()
    const { auth } = world.open({ backendName: 'shop' })
    await auth.signIn({})
    expect(world.browser.stored()?.record?.backend).toBe('shop')
    expect(auth.inspect().backend).toBe('shop')
    await auth.signOut()
    expect(world.browser.stored()?.record).toMatchObject({ backend: 'shop', over: 'signed_out' })
  })

  test('another app’s sign-out says nothing about this one', async () => {
    const world = await signedIn()
    const { record, ...rest } = plant(world)
    if (!record) throw new Error('no record')
    world.browser.setStored({
      ...rest,
      accessToken: null,
      refreshToken: null,
      record: { ...record, over: 'signed_out' },
    })
    world.tab.wake('storage')
    await world.clock.advance(1_000)
    expect(world.auth.getState().status).toBe('authenticated')
    const renewal = outcome(world.auth.refresh())
    await world.clock.advance(1_000)
    expect(renewal.result).toBe('done')
  })
})

test('a sign-in writes over it, also where storage answers by promise', async () => {
  const world = createWorld()
  plant(world)
  const { auth } = world.open({ storage: asynchronous(world.browser.openTab().storage) })
  await auth.ready
  await auth.signIn({})
  await world.clock.advance(1_000)
  expect(world.browser.stored()?.record?.id).toBe(auth.inspect().sessionId)
  expect(auth.inspect()).toMatchObject({ status: 'authenticated', persisted: true })
  // What it wrote over is not written over by what only goes on.
  const theirs = plant(world)
  await auth.refresh()
  await world.clock.advance(1_000)
  expect(world.browser.stored()).toEqual(theirs)
})
