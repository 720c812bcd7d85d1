import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from '../../../src/node/sealed/envelope.ts'
import { createSealKey, readKeys } from '../../../src/node/sealed/key-ring.ts'
import { sealedProblem } from '../../../src/node/sealed/problem.ts'

const ring = readKeys(`b:${createSealKey()} a:${createSealKey()}`)
const ada = { profile: 'ada', backend: 'https://api.example.test' }
const where = 'The file x'

const problemOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return sealedProblem(error)
  }
  return null
}

describe('a sealed value', () => {
  it('opens to what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unseal(ring, ada, seal(ring, ada, text), where)).toEqual({ text, key: 'b' })
      }),
    )
  })

  it('shows neither the text nor whose it is', () => {
    const sealed = seal(ring, ada, 'refresh-token-1')
    for (const secret of ['refresh-token-1', 'ada', 'example']) expect(sealed).not.toContain(secret)
  })

  it('is never the same twice', () => {
    expect(seal(ring, ada, 'x')).not.toBe(seal(ring, ada, 'x'))
  })

  it('of an older key still opens', () => {
    const older = readKeys([{ id: 'a', key: ring.get('a') ?? '' }])
    expect(unseal(ring, ada, seal(older, ada, 'x'), where)).toEqual({ text: 'x', key: 'a' })
  })

  it('is torn wherever it is cut off', () => {
    const sealed = seal(ring, ada, 'x'.repeat(50)).trimEnd()
    for (let length = 0; length < sealed.length; length++)
      expect(problemOf(() => unseal(ring, ada, sealed.slice(0, length), where))).toBe('torn')
  })

  it('tells a change of any of its characters', () => {
    const sealed = seal(ring, ada, 'x'.repeat(20))
    for (let at = 0; at < sealed.length - 1; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      expect(problemOf(() => unseal(ring, ada, sealed.slice(0, at) + other + sealed.slice(at + 1), where))).not.toBe(
        null,
      )
    }
  })

  it.each([
    ['another profile', { ...ada, profile: 'grace' }, /another profile than 'grace'/],
    ['another back end', { ...ada, backend: 'https://other.test' }, /another back end than 'https:\/\/other.test'/],
  ])('of %s is foreign', (_, binding, message) => {
    const sealed = seal(ring, ada, 'x')
    expect(problemOf(() => unseal(ring, binding, sealed, where))).toBe('foreign')
    expect(() => unseal(ring, binding, sealed, where)).toThrow(message)
  })

  it('is bound to its names by the cipher, not by what its head says', () => {
    const grace = { ...ada, profile: 'grace' }
    const head = JSON.parse(seal(ring, grace, 'y'))
    const sealed = JSON.stringify({ ...JSON.parse(seal(ring, ada, 'x')), profile: head.profile })
    expect(problemOf(() => unseal(ring, grace, sealed, where))).toBe('changed')
  })

  it('names the key that is missing, and those that are there', () => {
    const other = readKeys(`c:${createSealKey()}`)
    expect(() => unseal(ring, ada, seal(other, ada, 'x'), where)).toThrow(/sealed with key 'c'.*: b, a/)
  })

  it('does not open with another key of the same name', () => {
    const other = readKeys(`b:${createSealKey()}`)
    expect(problemOf(() => unseal(ring, ada, seal(other, ada, 'x'), where))).toBe('changed')
  })

  it.each(['{"accessToken":"x","refreshToken":"y"}', 'refresh_token=abc', '[]', 'null', '{"keyturn":"open"}'])(
    'is not plain text: %s',
    (text) => {
      expect(problemOf(() => unseal(ring, ada, text, where))).toBe('plaintext')
    },
  )

  it('of a later release is told so', () => {
    const sealed = JSON.stringify({ ...JSON.parse(seal(ring, ada, 'x')), v: 2 })
    expect(problemOf(() => unseal(ring, ada, sealed, where))).toBe('newer')
  })
})
