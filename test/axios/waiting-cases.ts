import axios, { AxiosError } from 'axios'
import { describe, expect, test } from 'vitest'
import { never } from '../core/world.ts'
import { setStage, watch } from '../http/stage.ts'
import { type AdapterName, createClient, failureOf } from './client.ts'

/** A request that waits for a token obeys its own signal and its own time limit. */
export function waitingCases(adapter: AdapterName): void {
  describe.each(['before it is sent', 'after its 401'] as const)('a request that waits %s', (when) => {
    const waiting = async () => {
      const stage = await setStage()
      const client = createClient(stage, adapter)
      if (when === 'after its 401') stage.revokeTokens()
      else stage.expireToken()
      const hold = stage.holdRefresh()
      const other = client.get('/other')
      await hold.begun
      const sent = stage.net.requests.length
      return { ...stage, client, hold, other, sent }
    }

    test('is rejected at once when its signal aborts, and is not sent; others are undisturbed', async () => {
      const { client, hold, other, net, sent, clock } = await waiting()
      const controller = new AbortController()
      const request = failureOf(client.get('/mine', { signal: controller.signal }))
      if (sent) await net.arrived(sent + 1)
      await clock.flush()
      controller.abort()
      const failure = await request
      expect(axios.isCancel(failure)).toBe(true)
      expect(failure).toMatchObject({ code: 'ERR_CANCELED', name: 'CanceledError', config: { url: '/mine' } })
      hold.release()
      expect((await other).status).toBe(200)
      expect(net.to('/mine')).toHaveLength(sent)
    })

    test('is rejected at once by its cancelToken, with its message', async () => {
      const { client, hold, other, net, sent, clock } = await waiting()
      const source = axios.CancelToken.source()
      const request = failureOf(client.get('/mine', { cancelToken: source.token }))
      if (sent) await net.arrived(sent + 1)
      await clock.flush()
      source.cancel('never mind')
      const failure = await request
      expect(axios.isCancel(failure)).toBe(true)
      expect(failure.message).toBe('never mind')
      hold.release()
      expect((await other).status).toBe(200)
      expect(net.to('/mine')).toHaveLength(sent)
    })

    test('with a signal and a cancelToken obeys both', async () => {
      const { client, hold, other, net, sent, clock } = await waiting()
      const { signal } = new AbortController()
      const source = axios.CancelToken.source()
      const request = failureOf(client.get('/mine', { signal, cancelToken: source.token }))
      if (sent) await net.arrived(sent + 1)
      await clock.flush()
      source.cancel('enough')
      const first = await Promise.race([request, clock.flush().then(() => 'still waiting')])
      hold.release()
      await other
      expect(first).toMatchObject({ message: 'enough' })
      expect(net.to('/mine')).toHaveLength(sent)
    })

    test.each([
      [{}, AxiosError.ECONNABORTED, 'timeout of 500ms exceeded'],
      [{ transitional: { clarifyTimeoutError: true } }, AxiosError.ETIMEDOUT, 'timeout of 500ms exceeded'],
      [{ timeoutErrorMessage: 'too slow' }, AxiosError.ECONNABORTED, 'too slow'],
    ])('obeys its time limit, with %o as axios does', async (config, code, message) => {
      const { client, hold, other, net, sent, clock } = await waiting()
      const request = failureOf(client.get('/mine', { timeout: 500, ...config }))
      if (sent) await net.arrived(sent + 1)
      await clock.advance(499)
      expect(await Promise.race([request, clock.flush().then(() => 'waiting')])).toBe('waiting')
      await clock.advance(1)
      const failure = await request
      expect(failure).toMatchObject({ code, config: { url: '/mine', timeout: 500 }, cause: { code: 'timeout' } })
      expect(failure.message).toContain(message)
      hold.release()
      expect((await other).status).toBe(200)
      expect(net.to('/mine')).toHaveLength(sent)
    })

    test('and has time left is sent with what is left of it', async () => {
      const { client, hold, other, net, sent, clock } = await waiting()
      net.route('/mine', () => never())
      const request = failureOf(client.get('/mine', { timeout: 5_000 }))
      if (sent) await net.arrived(sent + 1)
      await clock.advance(4_990)
      hold.release()
      await other
      // 10 ms are left, and those are counted by the adapter, in real time.
      const failure = await request
      expect(failure).toMatchObject({ config: { timeout: 5_000 } })
      expect([AxiosError.ECONNABORTED, AxiosError.ETIMEDOUT]).toContain(failure.code)
    })
  })

  test('a signal that is aborted already sends nothing and asks for no token', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.expireToken()
    const failure = await failureOf(client.get('/mine', { signal: AbortSignal.abort() }))
    expect(axios.isCancel(failure)).toBe(true)
    await stage.clock.flush()
    expect(stage.net.requests).toHaveLength(0)
    expect(stage.server.refreshes).toHaveLength(0)
  })

  test('an abort while the request is on its way is what axios makes of it', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.net.route('/slow', () => never())
    const controller = new AbortController()
    const request = failureOf(client.get('/slow', { signal: controller.signal }))
    await stage.net.arrived(1)
    controller.abort()
    expect(axios.isCancel(await request)).toBe(true)
  })

  test('auth.dispose() rejects what waits', async () => {
    const stage = await setStage()
    const client = createClient(stage, adapter)
    stage.expireToken()
    stage.server.script.push(never)
    const request = failureOf(watch(client.get('/mine')))
    await stage.clock.flush()
    stage.auth.dispose()
    expect(await request).toMatchObject({ code: 'ERR_AUTH_DISPOSED', cause: { code: 'disposed' } })
    expect(await failureOf(client.get('/mine'))).toMatchObject({ code: 'ERR_AUTH_DISPOSED' })
    expect(stage.net.requests).toHaveLength(0)
  })
}
