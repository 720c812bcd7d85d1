import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, secretsOf } from '../../src/core/redact.ts'

const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.3n-Q_x9'
const base64 = 'ab+/cd==ef+/gh==ij+/kl=='

describe('a text is not shown', () => {
  test.each<[string, string, string]>([
    ['when it holds a secret whole', `not known: ${token}`, token],
    ['when it holds the first 12 characters', `not known: ${token.slice(0, 12)}…`, token],
    ['when it holds the last 12 characters', `…${token.slice(-12)} is not known`, token],
    ['when it holds 12 characters out of the middle', `…${token.slice(17, 29)}…`, token],
    ['when it holds a percent-encoded secret', `?t=${encodeURIComponent(base64)}`, base64],
    ['when the percent signs stand before small letters', `?t=${encodeURIComponent(base64).toLowerCase()}`, base64],
    ['when it holds a piece of a percent-encoded secret', encodeURIComponent(base64.slice(5, 17)), base64],
    [
      'when more is encoded than needs to be',
      token.slice(0, 14).replace(/[a-z]/gi, (c) => `%${c.charCodeAt(0).toString(16)}`),
      token,
    ],
    ['when it is encoded twice', encodeURIComponent(encodeURIComponent(base64)), base64],
    ['when it holds a short secret whole', 'hunt is not your password', 'hunt'],
    ['when it holds a password of eleven characters', 'no: elevenchars', 'elevenchars'],
    ['when it holds a password with accents, encoded', `?p=${encodeURIComponent('pässwörter!')}`, 'pässwörter!'],
    ['when it holds a password as a form sends it', 'p=a+b%26c+d', 'a b&c d'],
    ['when a stray percent sign stands beside it', `100% of ${encodeURIComponent(base64)} %`, base64],
  ])('%s', (_, text, secret) => {
    expect(redact(text, [null, 7, 'another-secret-altogether', secret])).toBeUndefined()
  })
})

describe('a text is shown', () => {
  test.each<[string, string, unknown]>([
    ['when it holds eleven characters of a longer secret', `see ${token.slice(3, 14)}`, token],
    ['when it holds a piece of a short secret', 'a hunter', 'hunters'],
    ['when the secret has three letters', 'the fox', 'fox'],
    ['when the secret is empty', 'nothing', ''],
    ['when there is none', 'nothing', null],
    ['when it is no text', 'nothing 12345678', 12345678],
    ['when it has percent signs of its own', '100% sure, %zz, %e4', token],
  ])('%s', (_, text, secret) => {
    expect(redact(text, [secret])).toBe(text)
  })

  test('nothing stays nothing', () => {
    expect(redact(undefined, [token])).toBeUndefined()
  })
})

test('no twelve characters of any secret pass, plain or encoded, wherever they stand', () => {
  const secret = fc.string({ minLength: 12, maxLength: 60 })
  fc.assert(
    fc.property(secret, fc.nat(), fc.string(), fc.string(), fc.boolean(), (text, from, before, after, encoded) => {
      const start = from % (text.length - 11)
      const piece = text.slice(start, start + 12)
      const shown = encoded ? encodeURIComponent(piece) : piece
      return redact(`${before} ${shown} ${after}`, [text]) === undefined
    }),
    { seed: 7 },
  )
})

describe('the secrets of credentials', () => {
  test('are every text but addresses and names', () => {
    const given = {
      email: 'ada@example.test',
      userName: 'ada',
      phone: '+491',
      login: 'ada',
      password: 'correct',
      otp: '123456',
    }
    expect(secretsOf(given)).toEqual(['correct', '123456'])
  })
  test('are found in what lies deeper', () => {
    expect(secretsOf({ signUp: { email: 'a@b', kennwort: 'tief' }, codes: ['eins', 'zwei'] })).toEqual([
      'tief',
      'eins',
      'zwei',
    ])
  })
  test('may be the credentials themselves', () => {
    expect(secretsOf('one-time-code')).toEqual(['one-time-code'])
    expect(secretsOf(undefined)).toEqual([])
    expect(secretsOf(null)).toEqual([])
  })
  test('are looked for also in what cannot be sent as JSON', () => {
    const round: Record<string, unknown> = { password: 'correct' }
    round.self = round
    expect(secretsOf(round)).toEqual(['correct'])
    expect(secretsOf({ password: 'correct', id: 1n })).toEqual(['correct'])
  })
})
