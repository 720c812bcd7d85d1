import { expect, test } from 'vitest'
import { createOriginMatch } from '../../../src/core/address.ts'

test('an address is resolved anew when it, or what it is relative to, is another one', () => {
  const matches = createOriginMatch()
  expect(matches('https://a.example.test', ['/api'], 'https://a.example.test/')).toBe(true)
  expect(matches('https://a.example.test', ['/api'], 'https://b.example.test/')).toBe(false)
  expect(matches('https://b.example.test', ['/api'], 'https://b.example.test/')).toBe(true)
  expect(matches('https://c.example.test', ['/api', 'https://c.example.test'], 'https://b.example.test/')).toBe(true)
  expect(matches(undefined, ['no address'])).toBe(false)
})
