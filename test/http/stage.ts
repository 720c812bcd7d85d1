import type { AuthOptions } from 'keyturn'
import { onTestFinished } from 'vitest'
import { signedIn, type Tab, type World } from '../core/world.ts'
import { type ApiServer, startApi } from './api-server.ts'

export interface Hold {
  /** Resolves when the refresh has reached the auth server. */
  readonly begun: Promise<void>
  /** Lets the auth server answer. */
  release(): void
}

export interface Stage extends World, Tab {
  readonly net: ApiServer
  /** The different tokens that the API has seen, in order. */
  readonly tokensSeen: () => string[]
  /** The API refuses every token issued so far; the session and the clock do not know. */
  revokeTokens(): void
  /** The token in hand runs out, and the session knows. */
  expireToken(): void
  /** The auth server will let the next refresh wait. */
  holdRefresh(): Hold
}

export interface Claims {
  readonly sub: string
  readonly exp: number
  readonly jti: number
}

export const claimsOf = (token: string | null): Claims =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString() || '{}')

/** A latch: something to wait for, and the way to let go. */
export function latch<T = void>(): { readonly wait: Promise<T>; readonly open: (value: T) => void } {
  let open: (value: T) => void = () => {}
  const wait = new Promise<T>((resolve) => {
    open = resolve
  })
  return { wait, open }
}

/** A tab with somebody signed in, and an API that checks tokens by the same fake clock. Closed when the test ends. */
export async function setStage(options: Partial<AuthOptions> & { life?: number; href?: string } = {}): Promise<Stage> {
  const { life = 3600, href } = options
  const world = await signedIn({ fetch: globalThis.fetch, ...(href ? { href } : {}) }, life)
  const { clock, server, auth } = world
  const net = await startApi()
  onTestFinished(async () => {
    auth.dispose()
    await net.close()
  })
  let revoked = 0
  net.accepts = (token) => {
    const { exp, jti } = claimsOf(token)
    return jti > revoked && exp * 1000 > clock.now()
  }
  return {
    ...world,
    net,
    tokensSeen: () => [...new Set(net.requests.flatMap(({ token }) => token ?? []))],
    revokeTokens() {
      revoked = server.count
    },
    expireToken() {
      // No timer notices: the laptop slept.
      clock.jump(life * 1000)
      revoked = server.count
    },
    holdRefresh() {
      const begun = latch()
      const held = latch()
      server.script.push(async (refreshToken) => {
        begun.open()
        await held.wait
        return server.rotate(refreshToken)
      })
      return { begun: begun.wait, release: () => held.open() }
    },
  }
}

/** Lets a promise settle without failing the test when it rejects later. */
export function watch<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/** The reason of a promise that must reject. */
export async function rejection<E = Error>(promise: Promise<unknown>): Promise<E> {
  return promise.then(
    () => {
      throw new Error('It resolved.')
    },
    (error) => error as E,
  )
}
