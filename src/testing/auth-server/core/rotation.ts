/** A refresh token of version 1 as the server keeps it. */
export interface TokenRow {
  readonly value: string
  /** The token it replaced; null for the first of a session. */
  readonly parent: string | null
  revoked: boolean
  /** When it was last revoked or used again, in ms by the server's clock. */
  updatedAt: number
}

/** Times in ms. */
export interface RotationRules {
  /** Every reuse is refused; else as Supabase Auth. */
  readonly strict: boolean
  readonly reuseInterval: number
  readonly revokeOnReuse: boolean
  readonly allowReuse: boolean
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

  if (rules.strict) return { type: 'refuse', consequence: rules.revokeOnReuse ? 'end_session' : 'none' }

  // The parent of the newest live token: its owner never got the answer. No time limit.
  const live = newestLive(tokens)
  if (live?.parent === presented.value) return { type: 'hand_out_again', token: live }

  // At the very end of the interval the token is still good.
  if (now <= presented.updatedAt + rules.reuseInterval) return { type: 'swap', verdict: 'branched' }

  return { type: 'refuse', consequence: rules.revokeOnReuse ? 'revoke_live_tokens' : 'none' }
}

/** Why a spent token of version 2 is accepted, in the words of the header that tells the client. */
export type ReuseCause = 'concurrent-refresh' | 'fail-to-save' | 'always-allow'

/** What to do with a refresh token of version 2 whose signature is good. */
export type CounterDecision =
  | { readonly type: 'keep' }
  | { readonly type: 'advance' }
  | { readonly type: 'hand_out_again'; readonly causes: readonly ReuseCause[] }
  | { readonly type: 'not_ours' }
  | { readonly type: 'refuse'; readonly consequence: 'none' | 'end_session' }

/**
 * Pure. `behind`: by how much the token's counter is behind the session's. `sinceRefresh`: ms since the session was last
 * refreshed, or begun.
 */
export function decideCounter(behind: number, sinceRefresh: number, rules: RotationRules): CounterDecision {
  if (behind < 0) return { type: 'not_ours' }
  if (behind === 0) return rules.rotate ? { type: 'advance' } : { type: 'keep' }

  const causes: ReuseCause[] = []
  // Unlike with version 1 the end of the interval does not count any more.
  if (Math.abs(sinceRefresh) < rules.reuseInterval) causes.push('concurrent-refresh')
  if (behind === 1) causes.push('fail-to-save')
  if (rules.allowReuse) causes.push('always-allow')
  if (causes.length > 0) return { type: 'hand_out_again', causes }

  return { type: 'refuse', consequence: rules.revokeOnReuse ? 'end_session' : 'none' }
}

/** The newest token that has not been revoked. */
export function newestLive(tokens: readonly TokenRow[]): TokenRow | null {
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index]
    if (token && !token.revoked) return token
  }
  return null
}
