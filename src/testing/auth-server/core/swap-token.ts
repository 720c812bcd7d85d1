import { type Refreshed, type RefreshState, refused, type TokenMarks } from './refresh-types.ts'
import { decideCounter, decideRotation, type TokenRow } from './rotation.ts'
import { counterOf, currentToken, lastRefreshed, type SessionRow } from './sessions.ts'

/** Version 1: does with a token what the rotation decides. */
export function swapRow(state: RefreshState, session: SessionRow, row: TokenRow, marks: TokenMarks): Refreshed {
  const { sessions, settings } = state
  const time = state.now()
  const decision = decideRotation(row, session.tokens, time, settings)
  if (decision.type === 'refuse') {
    if (decision.consequence === 'end_session') sessions.end(session, 'reuse')
    if (decision.consequence === 'revoke_live_tokens') for (const token of session.tokens) revoke(token, time)
    return refused('refresh_token_already_used', 'Already Used', session, marks)
  }
  sessions.touch(session)
  if (decision.type === 'keep') return { type: 'renewed', verdict: 'kept', session, token: null, marks }
  if (decision.type === 'hand_out_again') {
    const token = decision.token.value
    return { type: 'renewed', verdict: 'reused', session, token, marks: { ...marks, prefix: token.slice(0, 5) } }
  }

  row.revoked = true
  row.updatedAt = time
  session.user.updatedAt = time
  const next = sessions.addRow(session, row.value)
  const { verdict } = decision
  if (!isUpgraded(state, session)) {
    const moreMarks = { ...marks, prefix: next.value.slice(0, 5), reuse: false } as const
    return { type: 'renewed', verdict, session, token: next.value, marks: moreMarks }
  }
  revoke(next, time)
  const token = sessions.advance(session)
  const moreMarks = { ...marks, prefix: token.slice(0, 5), counter: counterOf(session), reuse: false } as const
  return { type: 'renewed', verdict, session, token, marks: moreMarks }
}

function revoke(token: TokenRow, time: number): void {
  if (token.revoked) return
  token.revoked = true
  token.updatedAt = time
}

/** Whether a refresh moves the session to version 2. The choice is made by its id: always the same for one session. */
function isUpgraded(state: RefreshState, session: SessionRow): boolean {
  return (
    state.tokenVersion() === 2 && Number.parseInt(session.id.slice(0, 8), 16) % 100 < state.settings.upgradePercentage
  )
}

/** Version 2: the same by the counters of token and session. */
export function moveCounter(state: RefreshState, session: SessionRow, counter: number, marks: TokenMarks): Refreshed {
  const { sessions, settings } = state
  const current = counterOf(session)
  const decision = decideCounter(current - counter, state.now() - lastRefreshed(session), settings)
  if (decision.type === 'not_ours') {
    const message = 'Invalid Refresh Token: Not Issued By This Server'
    return refused('validation_failed', message, session, marks)
  }
  if (decision.type === 'refuse') {
    const ends = decision.consequence === 'end_session'
    if (ends) sessions.end(session, 'reuse')
    const moreMarks: TokenMarks = ends ? { ...marks, rotated: true } : marks
    return refused('refresh_token_already_used', 'Already Used', session, moreMarks)
  }
  sessions.touch(session)
  if (decision.type === 'keep') return { type: 'renewed', verdict: 'kept', session, token: null, marks }
  if (decision.type === 'hand_out_again') {
    const moreMarks = { ...marks, counter: current, causes: decision.causes }
    return { type: 'renewed', verdict: 'reused', session, token: currentToken(session), marks: moreMarks }
  }
  const token = sessions.advance(session)
  const moreMarks = { ...marks, counter: counterOf(session), reuse: false } as const
  return { type: 'renewed', verdict: 'rotated', session, token, marks: moreMarks }
}
