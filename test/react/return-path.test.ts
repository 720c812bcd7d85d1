import { describe, expect, it } from 'vitest'
import { readReturnPath } from '../../src/react/index.ts'
import { withReturnPath } from '../../src/react/return-path.ts'

const read = (value: string) => readReturnPath(`?returnTo=${encodeURIComponent(value)}`, '/home')

describe('readReturnPath', () => {
  it.each([
    '/',
    '/reports',
    '/reports/',
    '/a/b?c=d&e=f#g',
    '/go?next=https://other.test//x\\y',
    '/#//x',
    '/Müller/日本',
    '/a b',
  ])('passes %s', (path) => {
    expect(read(path)).toBe(path)
  })

  it.each([
    '',
    'reports',
    '//evil.test',
    '///evil.test',
    '/\\evil.test',
    '\\/evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '\t//evil.test',
    ' //evil.test',
    '/a\u0000',
    '/a?b=\u007f',
    '/a//evil.test',
    '/..//evil.test',
    '/.\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    'data:text/html,x',
    '?a=b',
    '#a',
  ])('refuses %j', (path) => {
    expect(read(path)).toBe('/home')
  })

  it('never leaves the origin, whatever it passes', () => {
    const parts = ['/', '\\', '.', '..', '?', '#', '\t', '\n', '@', ':', 'evil.test', 'https:', '%2f', ' ']
    for (let i = 0; i < 20_000; i++) {
      let path = '/'
      for (let n = i * 7919 + 13; n > 0; n = Math.floor(n / parts.length)) path += parts[n % parts.length]
      const url = new URL(read(path), 'https://app.test')
      expect(url.origin + url.pathname).toMatch(/^https:\/\/app\.test\/(?!\/)/)
    }
  })

  it('answers quickly to a very long path', () => {
    const start = performance.now()
    read(`${'/a'.repeat(50_000)}\\`)
    expect(performance.now() - start).toBeLessThan(500)
  })

  it('falls back to / without a return path', () => {
    expect(readReturnPath('')).toBe('/')
    expect(readReturnPath('?other=/x')).toBe('/')
  })

  it.each([
    ['/sign-in', '/sign-in?returnTo=%2Fa'],
    ['/sign-in?lang=en', '/sign-in?lang=en&returnTo=%2Fa'],
    ['/sign-in#form', '/sign-in?returnTo=%2Fa#form'],
    ['/sign-in?lang=en#form', '/sign-in?lang=en&returnTo=%2Fa#form'],
    ['/#/sign-in', '/#/sign-in?returnTo=%2Fa'],
    ['/?lang=en#/sign-in', '/?lang=en#/sign-in?returnTo=%2Fa'],
    ['/#!/sign-in?lang=en', '/#!/sign-in?lang=en&returnTo=%2Fa'],
    ['/#/sign-in#form', '/#/sign-in?returnTo=%2Fa#form'],
  ])('the return path is part of the query of %s', (to, there) => {
    expect(withReturnPath(to, '/a')).toBe(there)
  })

  it('reads the hash of a hash router as well', () => {
    expect(readReturnPath('#/sign-in?returnTo=%2Freports')).toBe('/reports')
    expect(readReturnPath('#/sign-in', '/home')).toBe('/home')
    expect(readReturnPath('#/sign-in?returnTo=%2F%2Fevil.test', '/home')).toBe('/home')
  })

  it('reads what RequireAuth wrote', () => {
    const back = '/reports?year=2026&q=a%20b#top'
    const there = new URL(withReturnPath('/sign-in?lang=en', back), 'https://app.test')
    expect(readReturnPath(there.search)).toBe(back)
    expect(there.searchParams.get('lang')).toBe('en')
  })
})
