import type { TokenAnswer, TokenFacts } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { BOTH_VISIBLE, backoff, dueAt, fromAnswer, isExpired, leadOf, type Session } from '../../../src/core/session.ts'
import { HOUR, MINUTE } from '../world.ts'

const now = Date.UTC(2026, 0, 1)
/** In seconds, as tokens tell the time. */
const at = (seconds: number) => now / 1000 + seconds
const opaque: TokenFacts = { subject: null, issuedAt: null, expiresAt: null, claims: null }
const session: Session = {
  id: 'session-1',
  order: 7,
  version: 1,
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  receivedAt: now,
  expiresAt: now + HOUR,
  skew: 0,
  subject: 'ada',
  user: null,
  claims: null,
  usable: true,
  renewable: true,
}

describe('when a token that has just arrived runs out, and how wrong the device clock is', () => {
  const read = (answer: Partial<TokenAnswer>, facts: Partial<TokenFacts>, previous: Partial<Session> = {}) =>
    fromAnswer({ accessToken: 'access-2', ...answer }, { ...opaque, ...facts }, BOTH_VISIBLE, now, {
      id: 'session-1',
      order: 7,
      ...previous,
    })

  const tenMinutesAhead = { skew: 10 * MINUTE }
  test.each<[string, Partial<TokenAnswer>, Partial<TokenFacts>, Partial<Session>, number | null, number]>([
    ['nothing is told', {}, {}, {}, null, 0],
    ['nothing is told, but the skew was known', {}, {}, tenMinutesAhead, null, 10 * MINUTE],
    ['exp and iat', {}, { issuedAt: at(0), expiresAt: at(3600) }, {}, now + HOUR, 0],
    ['exp and iat, 2 h ahead', {}, { issuedAt: at(7200), expiresAt: at(10_800) }, {}, now + HOUR, 2 * HOUR],
    ['exp and iat, 2 h behind', {}, { issuedAt: at(-7200), expiresAt: at(-3600) }, {}, now + HOUR, -2 * HOUR],
    ['a newer iat corrects the skew', {}, { issuedAt: at(0), expiresAt: at(60) }, tenMinutesAhead, now + MINUTE, 0],
    ['exp alone', {}, { expiresAt: at(3600) }, {}, now + HOUR, 0],
    ['exp alone, skew known', {}, { expiresAt: at(3600) }, tenMinutesAhead, now + 50 * MINUTE, 10 * MINUTE],
    ['iat alone', {}, { issuedAt: at(-5) }, {}, null, -5000],
    ['expires_in alone', { expiresIn: 3600 }, {}, {}, now + HOUR, 0],
    ['expires_in alone, skew known', { expiresIn: 3600 }, {}, tenMinutesAhead, now + HOUR, 10 * MINUTE],
    ['expires_in and expires_at', { expiresIn: 3600, expiresAt: at(3660) }, {}, {}, now + HOUR, MINUTE],
    ['expires_in beside a longer exp', { expiresIn: 60 }, { expiresAt: at(3600) }, {}, now + MINUTE, 59 * MINUTE],
    ['expires_at alone', { expiresAt: at(60) }, {}, {}, now + MINUTE, 0],
    ['expires_at beside another exp', { expiresAt: at(60) }, { expiresAt: at(3600) }, {}, now + MINUTE, 0],
    ['it arrives expired', {}, { expiresAt: at(-1) }, {}, null, 0],
    ['it ends at the moment of its arrival', {}, { expiresAt: at(0) }, {}, null, 0],
    ['expires_in is negative', { expiresIn: -10 }, {}, {}, null, 0],
  ])('%s', (_, answer, facts, previous, expiresAt, skew) => {
    expect(read(answer, facts, previous)).toMatchObject({ expiresAt, skew, receivedAt: now })
  })

  test('what an answer does not tell is kept from the tokens before', () => {
    const before = { ...session, user: { name: 'Ada' }, claims: { sub: 'ada' } }
    expect(read({}, {}, before)).toMatchObject({
      accessToken: 'access-2',
      refreshToken: 'refresh-1',
      user: { name: 'Ada' },
      claims: { sub: 'ada' },
    })
    expect(
      read({ refreshToken: 'refresh-2', user: { name: 'Bob' } }, { claims: { sub: 'bob' }, subject: 'bob' }, before),
    ).toMatchObject({
      refreshToken: 'refresh-2',
      user: { name: 'Bob' },
      claims: { sub: 'bob' },
      subject: 'bob',
    })
  })
})

test('a session has expired when it has no access token, or from the very moment of its expiry', () => {
  expect(isExpired(null, now)).toBe(true)
  expect(isExpired({ ...session, accessToken: null, usable: false }, now)).toBe(true)
  expect(isExpired({ ...session, expiresAt: null }, now)).toBe(false)
  expect(isExpired(session, now + HOUR - 1)).toBe(false)
  expect(isExpired(session, now + HOUR)).toBe(true)
})

test.each<[string, Partial<Session>, number, number | null]>([
  ['by the margin before its expiry', {}, 0, now + 55 * MINUTE],
  ['up to a tenth of the margin earlier, by jitter', {}, 1, now + 54.5 * MINUTE],
  ['a short one when a third of its life is left', { expiresAt: now + 4 * MINUTE }, 0, now + 160_000],
  ['no sooner than a second after its arrival', { expiresAt: now + 900 }, 0, now + 1_000],
  ['at its expiry when there is nothing to renew it with', { refreshToken: null, renewable: false }, 0, now + HOUR],
  ['at once when the access token is gone', { accessToken: null, usable: false }, 0, now],
  ['never when its expiry is unknown', { expiresAt: null }, 0, null],
  ['at once when it comes from the future: the clock was moved back', { receivedAt: now + MINUTE + 1 }, 0, now],
  ['as planned when the clock is less than a minute behind', { receivedAt: now + MINUTE }, 0, now + 55 * MINUTE],
])('a session is due %s', (_, change, jitter, due) => {
  expect(dueAt({ ...session, ...change }, leadOf(5 * MINUTE), jitter, now)).toBe(due)
})

test('a session that slides is due after the share of its life that its back end names, unless the app says when', () => {
  expect(dueAt(session, leadOf(undefined, 0.5), 0, now)).toBe(now + HOUR / 2)
  expect(dueAt(session, leadOf(undefined, 0.25), 0, now)).toBe(now + HOUR / 4)
  expect(dueAt(session, leadOf(MINUTE, 0.5), 0, now)).toBe(now + 59 * MINUTE)
})

test.each([
  [1, 0, 250],
  [1, 1, 500],
  [2, 0, 500],
  [3, 0.5, 1_500],
  [10, 1, 256_000],
  [11, 0, 150_000],
  [11, 1, 300_000],
  [500, 1, 300_000],
])('after failure %i in a row, at chance %d, the pause is %i ms', (count, random, ms) => {
  expect(backoff(count, random)).toBe(ms)
})
