import type { MaybePromise, StoredSession } from '../../core/types.ts'
import type { Rig } from '../../rig.ts'

/** What may be shown of a token. */
export interface TokenFact {
  /** Eight hexadecimal digits: two that are equal are the same token. It cannot be turned back. */
  readonly fingerprint: string
  readonly length: number
  /** null for a token that is no JWT. */
  readonly claims: Readonly<Record<string, unknown>> | null
}

export interface TokenFacts {
  readonly access: TokenFact | null
  readonly refresh: TokenFact | null
}

const NONE: TokenFacts = { access: null, refresh: null }

/** 32 bits of FNV-1a: far too few to tell a token from, enough to see that it has changed. */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** The payload of a JWT, unverified. null if it is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  const payload = token.split('.')[1]
  if (!payload) return null
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims ? (claims as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const factOf = (token: string | null | undefined, claims: boolean): TokenFact | null =>
  token ? { fingerprint: fingerprint(token), length: token.length, claims: claims ? claimsOf(token) : null } : null

/** What may be shown of the tokens in storage. They are turned into facts at once, and not kept. */
export async function readFacts(rig: Rig | null): Promise<TokenFacts> {
  if (!rig) return NONE
  const stored = await (rig.options.storage.read() as MaybePromise<StoredSession | null>)
  if (!stored) return NONE
  return { access: factOf(stored.accessToken, true), refresh: factOf(stored.refreshToken, false) }
}
