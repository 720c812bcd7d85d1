import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSealKey, readKeys } from '../../../src/node/sealed/key-ring.ts'

const raw = randomBytes(32)

describe('keys', () => {
  it('may be bytes, base64, base64url or hexadecimal', () => {
    for (const key of [raw, raw.toString('base64'), raw.toString('base64url'), raw.toString('hex')])
      expect(Buffer.from(readKeys([{ id: 'a', key }]).newest.key)).toEqual(raw)
  })

  it('may come as text, the newest first', () => {
    const ring = readKeys(`b:${createSealKey()},\n a:${raw.toString('base64')}`)
    expect(ring.ids).toEqual(['b', 'a'])
    expect(ring.newest.id).toBe('b')
    expect(Buffer.from(ring.get('a') ?? [])).toEqual(raw)
  })

  it.each([
    ['', /none given/],
    [[], /none given/],
    [undefined, /none given/],
    ['your-32-byte-secret-key', /has no name/],
    ['a:your-32-byte-secret-key', /'a' is not 32 bytes/],
    [[{ id: 'a', key: 'x'.repeat(32) }], /'a' is not 32 bytes/],
    [[{ id: 'a b', key: raw }], /key 1 has no name/],
    [[{ id: 'a', key: undefined }], /'a' is not 32 bytes/],
    [
      [
        { id: 'a', key: raw },
        { id: 'a', key: raw },
      ],
      /two keys named 'a'/,
    ],
  ])('that are wrong are told apart: %j', (keys, message) => {
    expect(() => readKeys(keys as string)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
    expect(() => readKeys(keys as string)).toThrow(message)
  })

  it('never appear in an error', () => {
    const secret = 'correct-horse-battery-staple'
    try {
      readKeys(`a:${secret}`)
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain(secret)
    }
  })
})
