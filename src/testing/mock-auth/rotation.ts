/** A refresh token as the server keeps it. */
export interface TokenRow {
  readonly value: string
  /** The token it replaced; null for the first of a session. */
  readonly parent: string | null
  revoked: boolean
  /** When it was last revoked or used again, in ms by the server's clock. */
  updatedAt: number
}

export interface RotationRules {
  readonly rotation: 'strict' | 'supabase'
  readonly reuseInterval: number
  readonly revokeOnReuse: boolean
  readonly rotate: boolean
}

/** What to do with a refresh token that was found and belongs to a session. */
export type RotationDecision =
  | { readonly type: 'keep' }
  | { readonly type: 'swap'; readonly verdict: 'rotated' | 'branched' }
  | { readonly type: 'hand_out_again'; readonly token: TokenRow }
  | { readonly type: 'refuse'; readonly consequence: 'none' | 'revoke_live_tokens' | 'end_session' }

/** Pure. `tokens` are all tokens of the session, oldest first. */
export function decideRotation(
  presented: TokenRow,
  tokens: readonly TokenRow[],
  now: number,
  rules: RotationRules,
): RotationDecision {
  if (!presented.revoked) return rules.rotate ? { type: 'swap', verdict: 'rotated' } : { type: 'keep' }

  if (rules.rotation === 'strict') return { type: 'refuse', consequence: rules.revokeOnReuse ? 'end_session' : 'none' }

  // The parent of the newest live token: its owner never got the answer. No time limit.
  const live = newestLive(tokens)
  if (live?.parent === presented.value) return { type: 'hand_out_again', token: live }

  // At the very end of the interval the token is still good.
  if (now <= presented.updatedAt + rules.reuseInterval * 1000) return { type: 'swap', verdict: 'branched' }

  return { type: 'refuse', consequence: rules.revokeOnReuse ? 'revoke_live_tokens' : 'none' }
}

/** The newest token that has not been revoked. */
export function newestLive(tokens: readonly TokenRow[]): TokenRow | null {
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index]
    if (token && !token.revoked) return token
  }
  return null
}
