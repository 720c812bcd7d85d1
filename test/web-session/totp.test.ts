import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../src/testing/index.ts'
import { nextCode, stepOf, totpCode } from '../../src/web-session/totp.ts'

// RFC 6238, appendix B: the ASCII text 12345678901234567890, in base32.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('a code', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at %d s is that of RFC 6238', (seconds, code) => {
    expect(totpCode(SECRET, stepOf(seconds * 1000))).toBe(code)
  })

  it('takes a secret as sites show it, and refuses what is none without quoting it', () => {
    expect(totpCode('gezd gnbv gy3t qojq gezd gnbv gy3t qojq', 1)).toBe(totpCode(SECRET, 1))
    for (const secret of ['', 'SHORT', 'NOT!BASE32!NOT!BASE32', undefined as unknown as string])
      expect(() => totpCode(secret, 1)).toThrow(/^A TOTP secret is base32 text/)
  })
})

describe('the next code', () => {
  const ask = async (second: number, last: number | null, ms: number) => {
    const clock = createFakeClock({
      now: Date.UTC(2026, 0, 1) + second * 1000,
      settle: () => new Promise(setImmediate),
    })
    const used: number[] = []
    let code: string | null = null
    void nextCode(SECRET, last === null ? null : stepOf(clock.now()) + last, clock, (step) => used.push(step)).then(
      (it) => {
        code = it
      },
    )
    await clock.advance(ms)
    return { code, used: used.map((step) => step - stepOf(Date.UTC(2026, 0, 1))) }
  }
  it('comes at once in a new step', async () => {
    expect((await ask(5, null, 0)).used).toEqual([0])
    expect((await ask(5, -1, 0)).used).toEqual([0])
  })
  it('waits for the next step when this one was used', async () => {
    expect((await ask(5, 0, 24_999)).code).toBe(null)
    expect((await ask(5, 0, 25_000)).used).toEqual([1])
  })
  it('waits at the end of a step', async () => {
    expect((await ask(28, null, 1_999)).code).toBe(null)
    expect((await ask(28, null, 2_000)).used).toEqual([1])
  })
  it('waits for two steps when the next was used as well', async () => {
    expect((await ask(5, 1, 54_999)).code).toBe(null)
    expect((await ask(5, 1, 55_000)).used).toEqual([2])
  })
  it('does not wait for years when the clock was set back', async () => {
    expect((await ask(5, 1000, 0)).used).toEqual([0])
  })
})
