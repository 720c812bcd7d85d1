import type { Auth, Exchange, MaybePromise, Reply, Sending } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { createWorld, HOUR, jwt, never, outcome, signedIn } from '../world.ts'

/** One request, as an adapter makes it: it remembers for whom it began. */
function request(auth: Auth, status: () => MaybePromise<number> = () => 200, change: Partial<Exchange<Reply>> = {}) {
  const sent: (string | null)[] = []
  const began: string[] = []
  const send = async ({ token }: Sending) => {
    sent.push(token)
    return { status: await status() }
  }
  const note = (identity: string) => void began.push(identity)
  const exchange = { url: '/data', origins: ['/'], repeatable: true, send, began: note, ...change }
  return { sent, began, done: outcome(auth.exchange(exchange)) }
}

describe('a request that somebody else sends again', () => {
  test('is told once for whom it is, before it is sent, in words that hold no secret', async () => {
    const world = await signedIn()
    const statuses = [401, 200]
    const { sent, began } = request(world.auth, () => statuses.shift() ?? 500)
    expect(began).toHaveLength(1)
    await world.clock.flush()
    expect(sent).toHaveLength(2)
    expect(began).toHaveLength(1)
    const [identity = ''] = began
    for (const token of [...sent, 'ada']) expect(identity).not.toContain(token)
  })

  test('goes out for the same session, with the token of now', async () => {
    const world = await signedIn()
    const { began } = request(world.auth)
    await world.auth.refresh()
    const again = request(world.auth, () => 200, { identity: began[0] })
    await world.clock.flush()
    expect(again.done.result).toBe('done')
    expect(again.sent).toEqual([await world.auth.getAccessToken()])
  })

  test.each(['a sign-in', 'a sign-out and a sign-in', 'a sign-in in another tab'])(
    'is not sent for whoever is signed in since: %s',
    async (how) => {
      const world = await signedIn()
      const { began } = request(world.auth)
      world.server.subject = 'grace'
      if (how.startsWith('a sign-out')) await world.auth.signOut()
      if (how.endsWith('tab')) await world.open().auth.signIn({})
      else await world.auth.signIn({})
      await world.clock.advance(100)
      const again = request(world.auth, () => 200, { identity: began[0] })
      await world.clock.flush()
      expect(again.done.result).toMatchObject({ code: 'session_changed' })
      expect(again.sent).toEqual([])
    },
  )

  test('is not sent while it waits for a renewal and Grace signs in meanwhile, nor after that', async () => {
    const world = await signedIn()
    world.clock.jump(2 * HOUR)
    world.server.script.push(never)
    const first = request(world.auth)
    await world.clock.flush()
    world.server.subject = 'grace'
    await world.auth.signIn({})
    await world.clock.flush()
    expect(first.done.result).toMatchObject({ code: 'session_changed' })
    const again = request(world.auth, () => 200, { identity: first.began[0] })
    await world.clock.flush()
    expect(again.done.result).toMatchObject({ code: 'session_changed' })
    expect([first.sent, again.sent]).toEqual([[], []])
  })

  test('is not sent bare once the session has ended, but fails with the reason of that', async () => {
    const world = await signedIn()
    const { began } = request(world.auth)
    world.server.alive = false
    const refresh = outcome(world.auth.refresh())
    await world.clock.advance(2_000)
    expect(refresh.result).toMatchObject({ code: 'rejected' })
    const again = request(world.auth, () => 200, { identity: began[0] })
    await world.clock.flush()
    expect(again.done.result).toMatchObject({ code: 'rejected' })
    await world.auth.signIn({})
    await world.auth.signOut()
    const third = request(world.auth, () => 200, { identity: began[0] })
    await world.clock.flush()
    expect(third.done.result).toMatchObject({ code: 'session_changed', message: expect.stringMatching(/signed_out/) })
    expect([again.sent, third.sent]).toEqual([[], []])
  })

  test('that began with nobody has no identity, and may be sent as anybody', async () => {
    const world = createWorld()
    const { auth } = world.open()
    const { sent, began } = request(auth)
    await world.clock.flush()
    expect([sent, began]).toEqual([[null], []])
    await auth.signIn({})
    const again = request(auth)
    await world.clock.flush()
    expect(again.sent).toEqual([await auth.getAccessToken()])
  })

  test.each(['that waits for a renewal', 'that a library sends again'])(
    '%s goes out when the same known person signs in again in place',
    async (how) => {
      const world = await signedIn()
      world.clock.jump(2 * HOUR)
      const first = request(world.auth)
      world.server.script.push(never)
      await world.clock.flush()
      await world.auth.signIn({})
      const again = how.includes('library') ? request(world.auth, () => 200, { identity: first.began[0] }) : first
      await world.clock.flush()
      expect(again.done.result).toBe('done')
      expect(again.sent).toEqual([await world.auth.getAccessToken()])
    },
  )

  test('for a person who was not known is not sent for another session', async () => {
    const world = createWorld()
    const opaque = (number: number) => () => ({ accessToken: `opaque-${number}`, refreshToken: 'constant' })
    world.server.signInScript.push(opaque(1), opaque(2))
    const { auth } = world.open()
    await auth.signIn({})
    const { began } = request(auth)
    await auth.signIn({})
    const again = request(auth, () => 200, { identity: began[0] })
    await world.clock.flush()
    expect(again.done.result).toMatchObject({ code: 'session_changed' })
    expect(again.sent).toEqual([])
  })

  test('whatever travels as its identity, only a real one is sent with the token', async () => {
    const { auth, clock } = await signedIn()
    for (const identity of ['', '.', 'session-1', 'session-1.zzz', 'other.', '__proto__']) {
      const { sent } = request(auth, () => 200, { identity })
      await clock.flush()
      if (identity !== '') expect(sent).toEqual([])
    }
  })
})

describe('the subject of the session changes when it is renewed', () => {
  const changed = async () => {
    const world = await signedIn()
    const before = request(world.auth)
    await world.clock.flush()
    const users: unknown[] = []
    world.auth.on('user_changed', ({ user, previous, by }) => users.push([user, previous, by]))
    world.server.subject = 'ada@new.example.test'
    return { ...world, before, users }
  }

  test('the tokens are kept, and the person is told anew, in every tab', async () => {
    const world = await changed()
    const there = world.open()
    await world.clock.advance(55 * 60_000)
    expect(world.server.refreshes).toHaveLength(1)
    for (const { auth } of [world, there]) {
      expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'ada@new.example.test' } })
      expect(await auth.getAccessToken()).toBe(world.browser.stored()?.accessToken)
    }
    expect(world.users).toEqual([[{ sub: 'ada@new.example.test' }, { sub: 'ada' }, 'this_tab']])
    expect(world.browser.stored()).toMatchObject({
      refreshToken: 'refresh-2',
      record: { subject: 'ada@new.example.test' },
    })
    expect(world.server.revoked).toEqual([])
    await world.clock.advance(HOUR)
    expect(world.server.refreshes).toEqual(['refresh-1', 'refresh-2'])
  })

  test('a request that waited for the renewal ends with session_changed, and is not sent again', async () => {
    const world = await changed()
    const waiting = request(world.auth, () => 401)
    await world.clock.advance(100)
    expect(world.server.refreshes).toHaveLength(1)
    expect(waiting.sent).toHaveLength(1)
    expect(
      await world.auth.exchange({ url: '/', origins: ['/'], repeatable: true, send: async () => ({ status: 200 }) }),
    ).toMatchObject({ error: null })
    const again = request(world.auth, () => 200, { identity: world.before.began[0] })
    await world.clock.flush()
    expect(again.done.result).toMatchObject({ code: 'session_changed' })
    expect(again.sent).toEqual([])
  })

  test('the user of before is not shown with the new subject', async () => {
    const world = createWorld()
    world.server.withUser = { name: 'Ada' }
    const { auth } = world.open()
    await auth.signIn({})
    world.server.withUser = null
    world.server.script.push(() => ({
      type: 'renewed',
      answer: { accessToken: jwt({ sub: 'eve' }), refreshToken: 'refresh-9' },
    }))
    await auth.refresh().catch(() => {})
    expect(auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'eve' } })
    expect(world.browser.stored()?.record?.user).toBeNull()
  })
})

test('an address that would be another when it is sent is not sent, nor is its body', async () => {
  let base = 'https://app.example.test/'
  const world = createWorld()
  const page = { href: () => 'https://app.example.test/', base: () => base }
  const { auth } = world.open({ ports: { page } })
  await auth.signIn({})
  world.clock.jump(2 * HOUR)
  let answer = () => {}
  world.server.script.push(
    (token) =>
      new Promise((resolve) => {
        answer = () => resolve(world.server.rotate(token))
      }),
  )
  const { sent, done } = request(auth, () => 200, { url: 'data' })
  await world.clock.flush()
  base = 'http://evil.example/'
  answer()
  await world.clock.flush()
  expect(sent).toEqual([])
  expect(done.result).toMatchObject({ code: 'misconfigured', message: expect.stringMatching(/base/) })
})

test('an adapter is given the address in full, as it was when the request began', async () => {
  const { auth, clock } = await signedIn()
  const urls: string[] = []
  const send = async ({ url }: Sending) => {
    urls.push(url)
    return { status: urls.length === 1 ? 401 : 200 }
  }
  await auth.exchange({ url: '../x?y=1', origins: ['/'], repeatable: true, send })
  await clock.flush()
  expect(urls).toEqual(['https://app.example.test/x?y=1', 'https://app.example.test/x?y=1'])
})

test('the renewal that a request sets off finds somebody else at its first look: the request is not sent as theirs', async () => {
  const { clock, open, server } = createWorld()
  const ports = { openChannel: null, listenWake: () => () => {}, lock: null }
  const here = open({ ports })
  await here.auth.signIn({})
  server.subject = 'bob'
  const there = open({ ports })
  await there.auth.signIn({})
  // It is due, and storage has another person's session; nothing has told of either.
  clock.jump(-2 * HOUR)
  const sent: (string | null)[] = []
  const send = async ({ token }: Sending) => ({ status: sent.push(token) && 200 })
  const asked = outcome(here.auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send }))
  await clock.flush()
  expect(asked.result).toMatchObject({ code: 'session_changed' })
  expect(sent).toEqual([])
  expect(here.auth.getState()).toMatchObject({ user: { sub: 'bob' } })
})
