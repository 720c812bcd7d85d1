import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseRefreshToken } from '../../../../src/testing/auth-server/core/refresh-token-v2.ts'

test('a refresh token whose counter is cut off, too large or followed by more is not well-formed', () => {
  const zeros = (count: number) => Array<number>(count).fill(0)
  const token = (...counter: number[]): string => {
    const covered = Uint8Array.from([...zeros(17), ...counter, ...zeros(16)])
    return Buffer.from([...covered, ...createHash('sha256').update(covered).digest().subarray(0, 4)]).toString(
      'base64url',
    )
  }
  expect(parseRefreshToken(token(0))?.counter).toBe(0n)
  expect(parseRefreshToken(token(128, 1))?.counter).toBe(128n)
  expect(parseRefreshToken(token(...Array(8).fill(255), 127))?.counter).toBe(2n ** 63n - 1n)
  expect(parseRefreshToken(token(...Array(9).fill(255), 1))).toBeNull()
  expect(parseRefreshToken(token(128))).toBeNull()
  expect(parseRefreshToken(token(0, 0))).toBeNull()
  expect(parseRefreshToken(token())).toBeNull()
})
