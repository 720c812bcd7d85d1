import type { Auth, Exchange, MaybePromise, Reply, Sending } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { deferred } from '../storages.ts'
import { createWorld, HOUR, MINUTE, signedIn } from '../world.ts'

/** One request. `status` tells how its sends are answered, in turn; `sent` lists the token of each. */
function request(auth: Auth, status: (send: number) => MaybePromise<number>, change: Partial<Exchange<Reply>> = {}) {
  const sent: (string | null)[] = []
  const send = async ({ token }: Sending) => {
    sent.push(token)
    return { status: await status(sent.length) }
  }
  return { sent, done: auth.exchange({ url: '/data', origins: ['/'], repeatable: true, send, ...change }) }
}

describe('a 401', () => {
  test('for a token that has been replaced: one repeat, and its answer is final, whatever it is', async () => {
    const { auth, clock, server } = await signedIn()
    const late = deferred<number>()
    const first = await auth.getAccessToken()
    const { sent, done } = request(auth, (send) => (send === 1 ? late.promise : 401))
    await auth.refresh()
    await clock.advance(2_000)
    late.resolve(401)
    expect(await done).toMatchObject({ reply: { status: 401 }, error: { code: 'token_refused' } })
    expect(sent).toEqual([first, await auth.getAccessToken()])
    expect(server.refreshes).toHaveLength(1)
  })

  test('for a token that was renewed for this very request: handed on, however late it comes', async () => {
    const { auth, clock, server } = await signedIn()
    clock.jump(2 * HOUR)
    const late = deferred<number>()
    const { sent, done } = request(auth, () => late.promise)
    await clock.advance(2_000)
    late.resolve(401)
    expect(await done).toMatchObject({ reply: { status: 401 }, error: { code: 'token_refused' } })
    expect(sent).toHaveLength(1)
    expect(server.refreshes).toHaveLength(1)
  })

  test('for a renewed token: refused for half a minute, then it is renewed again', async () => {
    const { auth, clock, server } = await signedIn()
    expect(await request(auth, () => 401).done).toMatchObject({ error: { code: 'token_refused' } })
    await clock.advance(29_999)
    expect(await request(auth, () => 401).done).toMatchObject({ error: { code: 'token_refused' } })
    expect(server.refreshes).toHaveLength(1)
    await clock.advance(2)
    expect(await request(auth, (send) => (send === 1 ? 401 : 200)).done).toMatchObject({ reply: { status: 200 } })
    expect(server.refreshes).toHaveLength(2)
  })

  test('of a stream is renewed for the next request, and says nothing bad about the new token', async () => {
    const { auth, clock, server, names } = await signedIn()
    const stream = request(auth, () => 401, { repeatable: false })
    expect(await stream.done).toMatchObject({ error: { code: 'not_repeatable' } })
    expect(stream.sent).toHaveLength(1)
    expect(names()).not.toContain('diagnostic')
    await clock.advance(2_000)
    expect(await request(auth, (send) => (send === 1 ? 401 : 200)).done).toMatchObject({ reply: { status: 200 } })
    expect(server.refreshes).toHaveLength(2)
  })

  test('after a user switch: handed on, and says nothing bad about the token of now', async () => {
    const { auth, names, server } = await signedIn()
    const late = deferred<number>()
    const { sent, done } = request(auth, () => late.promise)
    server.subject = 'bob'
    await auth.signIn({})
    late.resolve(401)
    const error = { code: 'session_changed', message: expect.stringMatching(/signed in or out/) }
    expect(await done).toMatchObject({ reply: { status: 401 }, error })
    expect(sent).toHaveLength(1)
    expect(names()).not.toContain('diagnostic')
  })
})

describe('before it is sent', () => {
  test('a token of unknown life is not renewed', async () => {
    const { server, open, clock } = createWorld()
    server.signInScript.push(() => ({ accessToken: 'opaque', refreshToken: 'refresh-1' }))
    const { auth } = open()
    await auth.signIn({})
    const { sent, done } = request(auth, () => 200)
    await done
    await clock.advance(MINUTE)
    expect(sent).toEqual(['opaque'])
    expect(server.refreshes).toHaveLength(0)
  })

  test('a signal that has aborted already ends it at once, while it would have to wait for a token', async () => {
    const { auth, clock } = await signedIn()
    clock.jump(2 * HOUR)
    const reason = new Error('The page was left.')
    const { sent, done } = request(auth, () => 200, { signal: AbortSignal.abort(reason) })
    await expect(done).rejects.toBe(reason)
    expect(sent).toEqual([])
  })

  test('a token that is asked for right after a sign-in does not wait for a storage that hangs', async () => {
    const { open, browser, clock } = createWorld()
    const { auth } = open({ storage: { ...browser.openTab().storage, read: () => new Promise(() => {}) } })
    const signIn = auth.signIn({})
    await clock.advance(1_000)
    await signIn
    let token: string | null = null
    void auth.getAccessToken().then((value) => {
      token = value
    })
    const { sent } = request(auth, () => 200)
    await clock.flush()
    expect(token).toBeTruthy()
    expect(sent).toEqual([token])
  })
})

describe('who may see the token', () => {
  const sees = async (auth: Auth, url: string, origins: string[]) => {
    const { sent, done } = request(auth, () => 200, { url, origins })
    await done
    return !!sent[0]
  }

  test('where there is no page: absolute addresses, and those alone', async () => {
    const { open } = createWorld()
    const { auth } = open({ ports: { page: null } })
    await auth.signIn({})
    const origins = ['https://api.example.test', '/']
    expect(await sees(auth, 'https://api.example.test/a', origins)).toBe(true)
    expect(await sees(auth, 'https://other.example.test/a', origins)).toBe(false)
    expect(await sees(auth, '/a', origins)).toBe(false)
  })

  // An opaque origin is spelled "null", and is the same as no other (RFC 6454 section 6.2).
  test.each(['/data', 'file:///etc/hosts', 'data:text/plain,hello'])(
    'a page without an origin, opened from a file, shares none with %s',
    async (url) => {
      const { auth } = await signedIn({ href: 'file:///app/index.html' })
      expect(await sees(auth, url, ['/', ''])).toBe(false)
      expect(await sees(auth, 'https://api.example.test/', ['https://api.example.test'])).toBe(true)
    },
  )
})
