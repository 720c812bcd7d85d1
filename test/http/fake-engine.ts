import type { Auth, AuthError, Exchange, Reply } from 'keyturn'
import type { Sending } from '../../src/core/types.ts'

export interface FakeEngine extends Pick<Auth, 'exchange' | 'getState' | 'report'> {
  /** What the adapter handed over, one entry a request. */
  readonly exchanges: Exchange<Reply>[]
  /** What its `send` told of each answer. */
  readonly replies: Reply[]
  readonly reported: AuthError[]
}

/**
 * An engine without a session, to see what passes between it and an adapter: it tells for whom a request is, and sends it
 * once as it is told.
 */
export function fakeEngine(sending: Partial<Sending> = {}, identity = 'ada 1'): FakeEngine {
  const exchanges: Exchange<Reply>[] = []
  const replies: Reply[] = []
  const reported: AuthError[] = []
  return {
    exchanges,
    replies,
    reported,
    report: (error) => void reported.push(error),
    getState: () => ({ status: 'authenticated', user: { name: 'Ada' }, problem: null }),
    async exchange(exchange) {
      exchanges.push(exchange)
      exchange.began?.(identity)
      const reply = await exchange.send({
        token: 'secret-token',
        url: new URL(exchange.url, 'https://page.test/dir/').href,
        allowed: true,
        timeout: exchange.timeout,
        fetch: globalThis.fetch,
        ...sending,
      })
      replies.push(reply)
      return { reply, error: null }
    },
  }
}
