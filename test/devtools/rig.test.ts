import { afterEach, expect, test } from 'vitest'
import { createFaults } from '../../src/devtools/break/faults.ts'
import { rigOf, rigsOfPage } from '../../src/devtools/record/find-rig.ts'
import { createAuth, memoryStorage } from '../../src/index.ts'
import { rigged } from '../../src/no-rig.ts'
import { ADA, createWorld, disposeAll, send } from './world.ts'

afterEach(disposeAll)

async function signedIn() {
  const world = createWorld()
  const auth = world.tab()
  await auth.signIn(ADA)
  const rig = rigOf(auth)
  if (!rig) throw new Error('no rig')
  const faults = createFaults(rig, () => auth.inspect().version)
  return { ...world, auth, rig, faults }
}

test('the rig holds the records from the start, hands on each new one, and no more than 1,000', async () => {
  const { auth, rig, clock } = await signedIn()
  expect(rig.records.map(({ step }) => step)).toContain('signed_in')
  const heard: string[] = []
  rig.followers.add(({ step }) => heard.push(step))
  await clock.advance(2_000)
  for (let turn = 0; turn < 520; turn++) await send(auth, { origin: 'https://elsewhere.example.test' }).catch(() => {})
  expect(heard.length).toBeGreaterThan(1_000)
  expect(rig.records).toHaveLength(1_000)
})

test('an auth with a rig is what it is without: the same names, frozen, and nothing that can be enumerated more', () => {
  const { auth } = { auth: createWorld().tab() }
  const plain = rigged(
    () => Object.freeze({ exchange: 1, dispose: 2 }) as never,
    { backend: {} as never, storage: memoryStorage() },
    {} as never,
  )
  expect(Object.isFrozen(auth)).toBe(true)
  expect(rigOf(plain)).toBeNull()
  expect(Object.getOwnPropertySymbols(auth)).toHaveLength(1)
  expect(Object.keys(auth)).toContain('exchange')
  expect(JSON.stringify(Object.keys(auth))).not.toContain('rig')
})

test('what is misconfigured is told as without a rig', () => {
  expect(() => createAuth({ storage: memoryStorage() } as never)).toThrow('no backend')
  expect(() => createAuth({ backend: { refresh() {} } as never, storage: memoryStorage() })).toThrow('no backend')
})

test('expire now: the server refuses the token, one refresh cures it, and what comes after is as it was', async () => {
  const { auth, mock, clock, faults } = await signedIn()
  await clock.advance(2_000)
  faults.expire()
  const answer = send(auth, mock)
  await clock.advance(1_000)
  expect(await answer).toBe(200)
  expect(mock.log.filter(({ call }) => call === 'api').map(({ status }) => status)).toEqual([401, 200])
  expect(mock.count('refresh')).toBe(1)
  expect(await send(auth, mock)).toBe(200)
  expect(mock.count('refresh')).toBe(1)
})

test('requests get 401: even a renewed token is refused, the caller has the 401, and nobody is signed out', async () => {
  const { auth, mock, clock, faults } = await signedIn()
  await clock.advance(2_000)
  faults.setRefused(true)
  const answer = send(auth, mock)
  await clock.advance(20_000)
  expect(await answer).toBe(401)
  expect(auth.getState().status).toBe('authenticated')
  faults.setRefused(false)
  expect(await send(auth, mock)).toBe(200)
})

test('drop the refresh token: the server is asked with one that it does not know, and the session ends', async () => {
  const { auth, mock, clock, faults } = await signedIn()
  await clock.advance(2_000)
  faults.dropRefreshToken?.()
  const renewal = auth.refresh().catch((error) => error.code)
  await clock.advance(30_000)
  expect(await renewal).toBe('rejected')
  expect(auth.getState()).toMatchObject({ status: 'unauthenticated', reason: 'rejected' })
  expect(mock.log.at(-1)).toMatchObject({ call: 'refresh', verdict: 'refused' })
})

test.each([
  ['offline', 'unavailable'],
  ['429', 'unavailable'],
  ['500', 'unavailable'],
  ['hang', 'unavailable'],
] as const)(
  'auth server %s: the refresh fails, nobody is signed out, and it goes on afterwards',
  async (fault, code) => {
    const { auth, mock, clock, faults } = await signedIn()
    await clock.advance(2_000)
    faults.setServer(fault)
    const renewal = auth.refresh().catch((error) => error.code)
    await clock.advance(60_000)
    expect(await renewal).toBe(code)
    expect(auth.getState().status).toBe('authenticated')
    expect(mock.count('refresh')).toBe(0)
    faults.setServer('none')
    await clock.advance(600_000)
    expect(mock.count('refresh')).toBeGreaterThan(0)
    expect(auth.inspect().failures).toBe(0)
  },
)

test('offline cuts the requests of the app off as well; a fault of the auth server alone does not', async () => {
  const { auth, mock, faults } = await signedIn()
  faults.setServer('offline')
  expect(await send(auth, mock)).toMatchObject({ code: 'ERR_NETWORK' })
  faults.setServer('500')
  expect(await send(auth, mock)).toBe(200)
  faults.clear()
  expect(await send(auth, mock)).toBe(200)
})

test('engines of the page are counted until they are disposed', () => {
  const before = rigsOfPage().length
  const auth = createWorld().tab()
  expect(rigsOfPage()).toHaveLength(before + 1)
  auth.dispose()
  expect(rigsOfPage()).toHaveLength(before)
})
