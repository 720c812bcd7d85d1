import {
  allowInsecureRequests,
  customFetch,
  DPoP,
  type DPoPHandle,
  generateKeyPair,
  isDPoPNonceError,
  protectedResourceRequest,
} from 'oauth4webapi'
import { sharedKeyPair } from '../browser/key-store.ts'
import { AuthError } from '../core/errors.ts'
import type { RequestProof } from '../core/types.ts'
import { isLocal } from './provider.ts'

export interface Binding {
  /** With the key; made when it is first needed. */
  handle(): Promise<DPoPHandle>
  /** That the key lives in memory only; told once. */
  problem(): AuthError | undefined
  readonly proof: RequestProof
}

/** @param name of the key: the same in all tabs of this app */
export function createBinding(name: string, client: Parameters<typeof DPoP>[0]): Binding {
  let handle: Promise<DPoPHandle> | undefined
  let lost: AuthError | undefined

  const make = async (): Promise<DPoPHandle> => {
    const fresh = await generateKeyPair('ES256', { extractable: false })
    const pair = await sharedKeyPair(name, fresh).catch((cause) => {
      const words = 'The DPoP key could not be stored (IndexedDB): tokens are bound to this page, and end with it.'
      lost = new AuthError('storage_failed', words, { cause })
      return fresh
    })
    return DPoP(client, pair)
  }
  const get = () => {
    handle ??= make()
    return handle
  }

  /** What the library would send; `nonce`: it is told that an answer had this one. */
  const sign = async (token: string, method: string, url: string, nonce?: string) => {
    let headers: Record<string, string> = {}
    const address = new URL(url)
    await protectedResourceRequest(token, method, address, undefined, undefined, {
      DPoP: await get(),
      [allowInsecureRequests]: isLocal(address),
      [customFetch]: async (_url: string, init: { headers: Record<string, string> }) => {
        headers = init.headers
        return new Response(null, { headers: nonce ? { 'DPoP-Nonce': nonce } : {} })
      },
    })
    const { authorization = '', dpop = '' } = headers
    return { Authorization: authorization, DPoP: dpop }
  }

  const nonces = new Map<string, string>()
  return {
    handle: get,
    problem() {
      const told = lost
      lost = undefined
      return told
    },
    proof: {
      sign,
      // RFC 9449 section 9: any answer may bring a nonce for the next request; a 401 may ask for this one again.
      async learn(url, status, header) {
        const nonce = header('DPoP-Nonce')
        const { origin } = new URL(url)
        const before = nonces.get(origin)
        if (!nonce || nonce === before) return false
        nonces.set(origin, nonce)
        await sign('-', 'GET', url, nonce)
        return status === 401 && /use_dpop_nonce/.test(header('WWW-Authenticate') ?? '')
      },
    },
  }
}

/** Runs a call to the provider again if it only wanted a nonce (RFC 9449 section 8). The library has noted it. */
export async function withNonce<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isDPoPNonceError(error)) throw error
    return run()
  }
}
