import { describe, expect, test } from 'vitest'
import { decode, encode, tamper } from './refresh-token-v2.ts'

const nobody = '00000000-0000-0000-0000-000000000000'
const somebody = '11111111-2222-4333-8444-555555555555'
const zeros = new Uint8Array(32)
const counted = Uint8Array.from({ length: 32 }, (_, index) => index)

describe.each([
  [zeros, nobody, 0n, 'AAAAAAAAAAAAAAAAAAAAAAAAP9aRk-6XCL3qEQuinyNf8s39HoY'],
  [counted, somebody, 0n, 'ABEREREiIkMzhERVVVVVVVUAI-IcsaseXEKS7q68JAgmU-80L2M'],
  [counted, somebody, 1n, 'ABEREREiIkMzhERVVVVVVVUBpozOYVM-sPhnYYTBWpQpN52uNiY'],
  [counted, somebody, 127n, 'ABEREREiIkMzhERVVVVVVVV_DoKMAtgL2BLkGnCN7zt03TRKutc'],
  [counted, somebody, 128n, 'ABEREREiIkMzhERVVVVVVVWAAe7PGNiO7NAJ0pIX0qyR-ysJW7oj'],
  [counted, somebody, 2n ** 63n - 1n, 'ABEREREiIkMzhERVVVVVVVX__________38DUNuHIwVw5zyq-z83clUrAuXYxQ'],
])('the refresh token of key %#', (key, sessionId, counter, token) => {
  test('is written as the server writes it', () => {
    expect(encode({ sessionId, counter, key })).toBe(token)
  })

  test('is read back', () => {
    expect(decode(token)).toMatchObject({ version: 0, sessionId, counter, isSound: true })
  })

  test('with another signature is sound, but not the same', () => {
    expect(tamper(token)).not.toBe(token)
    expect(decode(tamper(token))).toMatchObject({ sessionId, counter, isSound: true })
  })
})

test('a token that was changed by hand is not sound', () => {
  expect(decode('BAAAAAAAAAAAAAAAAAAAAAAAP9aRk-6XCL3qEQuinyNf8s39HoY').isSound).toBe(false)
})
