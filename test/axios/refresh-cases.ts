import { isAxiosError } from 'axios'
import { describe, expect, test } from 'vitest'
import { held, MINUTE, never, unavailable } from '../core/world.ts'
import { json, unauthorized } from '../http/api-server.ts'
import { claimsOf, latch, setStage, watch } from '../http/stage.ts'
import { type AdapterName, createClient, failureOf, times } from './client.ts'

/** When requests refresh, how often, and what becomes of those that wait. */
export function refreshCases(adapter: AdapterName): void {
  describe('one refresh', () => {
    test('staggered 401s lead to one refresh and all succeed', async () => {
      const stage = await setStage()
      const { net, server } = stage
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const gates = times(5, () => latch())
      const accepts = net.accepts
      net.accepts = () => true
      gates.forEach((gate, i) => {
        net.route(`/item/${i}`, async ({ token }) => {
          if (accepts(token)) return json('ok')
          await gate.wait
          return unauthorized()
        })
      })
      const hold = stage.holdRefresh()
      const requests = gates.map((_, i) => client.get(`/item/${i}`))
      await net.arrived(5)
      gates[0]?.open()
      await hold.begun
      // Two 401s come while the refresh is under way, two after it.
      gates[1]?.open()
      gates[2]?.open()
      await stage.clock.flush()
      hold.release()
      await requests[0]
      gates[3]?.open()
      gates[4]?.open()
      const answers = await Promise.all(requests)
      expect(answers.map(({ data }) => data)).toEqual(times(5, () => 'ok'))
      expect(server.refreshes).toHaveLength(1)
      expect(net.requests).toHaveLength(10)
    })

    test('ten parallel requests answered 401 cause one refresh and are repeated once each', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const answers = await Promise.all(times(10, (i) => client.get(`/item/${i}`)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      expect(stage.server.refreshes).toHaveLength(1)
      for (let i = 0; i < 10; i++) {
        const tokens = stage.net.to(`/item/${i}`).map(({ token }) => claimsOf(token).jti)
        expect(tokens).toEqual([1, 2])
      }
    })

    test('100 parallel requests with an expired token: one refresh, one send each, the old token never', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      const answers = await Promise.all(times(100, (i) => client.get(`/item/${i}`)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      expect(stage.server.refreshes).toHaveLength(1)
      expect(stage.net.requests).toHaveLength(100)
      expect(stage.tokensSeen().map((token) => claimsOf(token).jti)).toEqual([2])
    })

    test('100 parallel requests with a revoked token: one refresh, 200 sends, 100 successes', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const answers = await Promise.all(times(100, (i) => client.get(`/item/${i}`)))
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      expect(stage.server.refreshes).toHaveLength(1)
      expect(stage.net.requests).toHaveLength(200)
    })

    test('a late 401 for the old token repeats the request and refreshes nothing', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      const gate = latch()
      const { accepts } = stage.net
      stage.net.accepts = () => true
      stage.net.route('/late', async ({ token }) => {
        if (accepts(token)) return json('ok')
        await gate.wait
        return unauthorized()
      })
      stage.revokeTokens()
      const late = client.get('/late')
      await stage.net.arrived(1)
      await stage.auth.refresh()
      await stage.clock.advance(MINUTE)
      gate.open()
      expect((await late).data).toBe('ok')
      expect(stage.server.refreshes).toHaveLength(1)
      expect(stage.net.to('/late').map(({ token }) => claimsOf(token).jti)).toEqual([1, 2])
    })

    test('two instances, the timer and auth.refresh() at once share one refresh', async () => {
      const stage = await setStage()
      const clients = [createClient(stage, adapter), createClient(stage, adapter)]
      await stage.clock.advance(55 * MINUTE - 1)
      stage.revokeTokens()
      const hold = stage.holdRefresh()
      const requests = clients.flatMap((client) => times(3, (i) => client.get(`/item/${i}`)))
      const manual = stage.auth.refresh()
      await stage.clock.advance(1)
      await hold.begun
      await stage.net.arrived(6)
      hold.release()
      await Promise.all([...requests, manual])
      expect(stage.server.refreshes).toHaveLength(1)
    })

    test('two identical POSTs during a refresh are both sent', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      const answers = await Promise.all(times(2, () => client.post('/order', { item: 1 })))
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(stage.net.to('/order').map(({ body }) => body.toString())).toEqual(['{"item":1}', '{"item":1}'])
    })
  })

  describe('when a refresh does not help', () => {
    test('an endpoint that always answers 401 causes one refresh, however many ask', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/always', () => unauthorized(), { open: true })
      const failures = await Promise.all(times(20, (i) => failureOf(client.get('/always', { params: { i } }))))
      for (let i = 0; i < 20; i++) {
        await stage.clock.advance(1000)
        failures.push(await failureOf(client.get('/always', { params: { i: i + 20 } })))
      }
      expect(stage.server.refreshes).toHaveLength(1)
      expect(new Set(failures).size).toBe(40)
      failures.forEach((failure, i) => {
        expect(isAxiosError(failure)).toBe(true)
        expect(failure).toMatchObject({
          code: 'ERR_BAD_REQUEST',
          config: { params: { i } },
          response: { status: 401, data: { detail: 'Token expired' } },
          cause: { name: 'AuthError', code: 'token_refused' },
        })
      })
      expect(stage.auth.getState().status).toBe('authenticated')
      expect(stage.names().filter((name) => name === 'diagnostic')).toHaveLength(1)
      // The rest of the app goes on with the token.
      expect((await client.get('/fine')).status).toBe(200)
      expect(stage.net.to('/always').length).toBeLessThanOrEqual(60)
    })

    test('a repeat that answers 500 is delivered as 500 and signs nobody out', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/broken', () => json({ detail: 'oops' }, 500))
      stage.revokeTokens()
      const failure = await failureOf(client.get('/broken'))
      expect(failure).toMatchObject({ code: 'ERR_BAD_RESPONSE', response: { status: 500, data: { detail: 'oops' } } })
      expect(failure.cause).toBeUndefined()
      expect(stage.net.to('/broken')).toHaveLength(2)
      expect(stage.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    })

    test('a refresh that hangs settles every waiter in time, and the next request can try again', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      stage.server.script.push(never, never, never, never)
      const requests = times(10, (i) => failureOf(client.get(`/item/${i}`)))
      await stage.clock.advance(15_000)
      const failures = await Promise.all(requests)
      for (const failure of failures) expect(failure).toMatchObject({ code: 'ERR_AUTH_UNAVAILABLE' })
      expect(stage.net.requests).toHaveLength(0)
      stage.server.script.length = 0
      await stage.clock.advance(MINUTE)
      expect((await client.get('/again')).status).toBe(200)
      expect(stage.auth.getState()).toMatchObject({ status: 'authenticated', problem: null })
    })

    test('a refresh that fails rejects each waiter with an error of its own', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      stage.server.script.push(...times(9, () => () => unavailable()))
      const requests = times(5, (i) => failureOf(client.get(`/item/${i}`)))
      await stage.clock.advance(15_000)
      const failures = await Promise.all(requests)
      expect(new Set(failures).size).toBe(5)
      failures.forEach((failure, i) => {
        expect(isAxiosError(failure)).toBe(true)
        expect(failure).toMatchObject({
          code: 'ERR_AUTH_UNAVAILABLE',
          config: { url: `/item/${i}`, method: 'get' },
          cause: { name: 'AuthError', code: 'unavailable', status: 503 },
        })
        expect(failure.response).toBeUndefined()
      })
      expect(stage.net.requests).toHaveLength(0)
      expect(stage.auth.getState().status).toBe('authenticated')
    })

    test('401s whose refresh fails are delivered, each its own, with the cause', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      stage.server.script.push(...times(9, () => () => unavailable()))
      const requests = times(5, (i) => failureOf(client.get(`/item/${i}`)))
      await stage.net.arrived(5)
      await stage.clock.advance(15_000)
      const failures = await Promise.all(requests)
      failures.forEach((failure, i) => {
        expect(failure).toMatchObject({
          code: 'ERR_BAD_REQUEST',
          config: { url: `/item/${i}` },
          response: { status: 401 },
          cause: { name: 'AuthError', code: 'unavailable' },
        })
      })
      expect(stage.net.requests).toHaveLength(5)
    })

    test('a refusal for good ends the session once and rejects every waiter', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      stage.server.alive = false
      const requests = times(5, (i) => failureOf(client.get(`/item/${i}`)))
      await stage.clock.advance(5_000)
      for (const failure of await Promise.all(requests)) {
        expect(failure.code).toBe('ERR_AUTH_REJECTED')
        expect(failure.cause).toMatchObject({ name: 'AuthError', code: 'rejected', status: 401 })
      }
      expect(stage.names().filter((name) => name === 'signed_out')).toHaveLength(1)
      expect(stage.server.refreshes).toHaveLength(1)
      expect(stage.net.requests).toHaveLength(0)
    })
  })

  describe('when the session changes', () => {
    test('a request that waits while the person signs out is not sent, and the late token is revoked', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      const hold = stage.holdRefresh()
      const request = failureOf(client.get('/mine'))
      await hold.begun
      await stage.auth.signOut()
      const failure = await request
      expect(failure).toMatchObject({ code: 'ERR_AUTH_SESSION_CHANGED', cause: { code: 'session_changed' } })
      hold.release()
      await stage.clock.flush()
      expect(held(stage.browser)).toBeNull()
      expect(stage.auth.getState().status).toBe('unauthenticated')
      expect(stage.server.revoked).toEqual(['refresh-1', 'refresh-2'])
      expect(stage.net.requests).toHaveLength(0)
    })

    test('a request that waits while another person signs in is not sent as that person', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      stage.server.script.push(never)
      const request = failureOf(client.get('/mine'))
      await stage.clock.flush()
      stage.server.subject = 'bob'
      await stage.auth.signIn({})
      expect(await request).toMatchObject({ code: 'ERR_AUTH_SESSION_CHANGED', cause: { code: 'session_changed' } })
      expect(stage.net.requests).toHaveLength(0)
      await client.get('/his')
      expect(stage.tokensSeen().map((token) => claimsOf(token).sub)).toEqual(['bob'])
    })

    test('a 401 that comes after another person signed in is delivered, not repeated', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      const gate = latch()
      stage.net.route('/mine', async () => {
        await gate.wait
        return unauthorized()
      })
      const request = failureOf(client.post('/mine', 'secret of ada'))
      await stage.net.arrived(1)
      stage.server.subject = 'bob'
      await stage.auth.signIn({})
      gate.open()
      expect(await request).toMatchObject({ response: { status: 401 }, cause: { code: 'session_changed' } })
      expect(stage.net.requests).toHaveLength(1)
      expect(stage.server.refreshes).toHaveLength(0)
      expect(stage.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    })

    test('a 401 that waits for a refresh while another person signs in is delivered, not repeated', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.revokeTokens()
      const hold = stage.holdRefresh()
      const request = failureOf(client.get('/mine'))
      await hold.begun
      stage.server.subject = 'bob'
      await stage.auth.signIn({})
      expect(await request).toMatchObject({ response: { status: 401 }, cause: { code: 'session_changed' } })
      hold.release()
      await stage.clock.flush()
      expect(stage.net.requests).toHaveLength(1)
      expect(stage.auth.getState()).toMatchObject({ status: 'authenticated', user: { sub: 'bob' } })
    })

    test('requests of nobody go out bare, and their 401 is theirs', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      await stage.auth.signOut()
      const failure = await failureOf(client.get('/item'))
      expect(failure.response?.status).toBe(401)
      expect(failure.cause).toBeUndefined()
      expect(stage.net.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
      expect(stage.server.refreshes).toHaveLength(0)
    })
  })

  describe('what never refreshes', () => {
    test('a 401 of a sign-in form with skipAuth keeps its message, and its request carries no token', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/login', () => json({ detail: 'Invalid email or password' }, 401), { open: true })
      const failure = await failureOf(client.post('/login', { email: 'a' }, { skipAuth: true }))
      expect(failure.response?.data).toEqual({ detail: 'Invalid email or password' })
      expect(failure.cause).toBeUndefined()
      expect(stage.net.requests.map(({ token }) => token)).toEqual([null])
      expect(stage.server.refreshes).toHaveLength(0)
    })

    test('skipAuth does not wait for a refresh under way', async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/open', () => json('ok'), { open: true })
      stage.expireToken()
      const hold = stage.holdRefresh()
      const other = watch(client.get('/item'))
      await hold.begun
      expect((await client.get('/open', { skipAuth: true })).data).toBe('ok')
      hold.release()
      await other
    })

    test("a request with an Authorization of its own is sent with it, and its 401 is the caller's", async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.expireToken()
      const failure = await failureOf(client.get('/item', { headers: { authorization: 'Bearer of-the-app' } }))
      expect(failure.response?.status).toBe(401)
      expect(stage.net.requests.map(({ token }) => token)).toEqual(['of-the-app'])
      expect(stage.server.refreshes).toHaveLength(0)
    })

    test("a request with axios's own basic auth is sent with it, and its 401 is the caller's", async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      const failure = await failureOf(client.get('/item', { auth: { username: 'ada', password: 'pw' } }))
      expect(failure.response?.status).toBe(401)
      expect(failure.cause).toBeUndefined()
      expect(stage.net.requests.map(({ headers }) => headers.authorization)).toEqual([`Basic ${btoa('ada:pw')}`])
      expect(stage.server.refreshes).toHaveLength(0)
    })

    test.each([
      [403, {}],
      [403, { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' }],
      [401, { 'WWW-Authenticate': 'Bearer realm="x", error="insufficient_scope"' }],
    ])('a %i with %o means "not allowed" and refreshes nothing', async (status, headers) => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      stage.net.route('/admin', () => ({ status, headers: headers as Record<string, string>, body: 'no' }))
      const failure = await failureOf(client.get('/admin'))
      expect(failure.response).toMatchObject({ status, data: 'no' })
      expect(failure.cause).toBeUndefined()
      expect(stage.net.requests).toHaveLength(1)
      expect(stage.server.refreshes).toHaveLength(0)
    })
  })
}
