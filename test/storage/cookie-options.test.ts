// @vitest-environment jsdom
import { type AuthError, type CookieStorageOptions, cookieStorage } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { resetCookies, spyOnCookies } from './jar.ts'
import { context, session } from './sessions.ts'

const failure = (options: CookieStorageOptions): AuthError | undefined => {
  try {
    cookieStorage(options)
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

describe('what is not allowed', () => {
  test.each<[string, CookieStorageOptions, string]>([
    ['an empty name', { accessName: '' }, 'accessName'],
    ['a name with a space', { accessName: 'auth token' }, 'accessName'],
    ['a name with an equal sign', { refreshName: 'a=b' }, 'refreshName'],
    ['a name with a semicolon', { recordName: 'a;b' }, 'recordName'],
    ['a name of umlauts', { accessName: 'schlüssel' }, 'accessName'],
    ['a name that is far too long', { accessName: 'x'.repeat(5_000) }, 'accessName'],
    ['a name that would be written in another way', { accessName: '%5F%5FHost-at' }, 'accessName'],
    ['a name that is no text', { accessName: 5 as never }, 'accessName'],
    ['a prefix with a space', { prefix: 'my app-' }, 'the name of a cookie'],
    ['a prefix that makes a name too long', { prefix: 'x'.repeat(60) }, 'the name of a cookie'],
    ['a prefix that is no text', { prefix: null as never }, 'prefix'],
    ['one name for two cookies', { accessName: 'token', refreshName: 'token' }, 'the name of a cookie'],
    ['the record named as the token', { recordName: 'auth-token' }, 'the name of a cookie'],
    ['a token named as the lease', { accessName: 'auth-lease' }, 'the name of a cookie'],
    ['a name that looks like a piece of another', { refreshName: 'auth-token.1' }, 'the name of a cookie'],
    ['no life', { accessDays: 0 }, 'accessDays'],
    ['a negative life', { refreshDays: -1 }, 'refreshDays'],
    ['T4-41: a life that no browser grants', { refreshDays: 401 }, 'refreshDays'],
    ['a life of NaN', { accessDays: Number.NaN }, 'accessDays'],
    ['a life without end', { accessDays: Number.POSITIVE_INFINITY }, 'accessDays'],
    ['T4-38: a life as text', { accessDays: '30' as never }, 'accessDays'],
    ['a path that is none', { path: 'app' }, 'path'],
    ['a path that does not begin at the root', { path: 'app/x' }, 'path'],
    ['an empty path', { path: '' }, 'path'],
    ['a path with a semicolon', { path: '/; domain=evil.test' }, 'path'],
    ['a path with a line break', { path: '/app\r\nx' }, 'path'],
    ['a path with letters that an address does not have', { path: '/büro' }, 'path'],
    ['a path that is no text', { path: ['/'] as never }, 'path'],
    ['a domain with a semicolon', { domain: 'a.test; path=/' }, 'domain'],
    ['a domain with a scheme', { domain: 'https://example.test' }, 'domain'],
    ['a domain with a port', { domain: 'example.test:3000' }, 'domain'],
    ['a domain with a path', { domain: 'example.test/app' }, 'domain'],
    ['a domain with a wildcard', { domain: '*.example.test' }, 'domain'],
    ['a domain with a person in it', { domain: 'good@evil.test' }, 'domain'],
    ['a domain with an empty label', { domain: 'example..test' }, 'domain'],
    ['a domain that ends with a dot', { domain: 'example.test.' }, 'domain'],
    ['a domain in letters that no address has', { domain: 'bücher.test' }, 'domain'],
    ['a domain of only a dot', { domain: '.' }, 'domain'],
    ['a __Host- name with a path', { accessName: '__Host-at', path: '/app' }, 'the name of a cookie'],
    ['a __Host- name with a domain', { refreshName: '__Host-rt', domain: 'example.test' }, 'the name of a cookie'],
    ['a __Host- name without https', { recordName: '__Host-rec', secure: false }, 'the name of a cookie'],
    ['a __Host- prefix with a domain', { prefix: '__Host-', domain: 'example.test' }, 'the name of a cookie'],
    [
      'T4-38: such a name in small letters, which browsers take for the same',
      { accessName: '__host-at', path: '/app' },
      'the name of a cookie',
    ],
    ['a hint that no cookie is named', { hintCookie: 'has session' }, 'hintCookie'],
    ['a sameSite that there is not', { sameSite: 'Strict' as never }, 'sameSite'],
    ['sameSite none without https', { sameSite: 'none', secure: false }, 'secure'],
    ['partitioned without https', { partitioned: true, secure: false }, 'secure'],
    ['secure as text', { secure: 'false' as never }, 'secure'],
    ['partitioned as text', { partitioned: 'yes' as never }, 'partitioned'],
    ['another place for the access token', { access: 'localStorage' as never }, 'access'],
    ['what to remember as a value', { remember: true as never }, 'remember'],
    ['an unknown option', { refreshname: 'rt' } as never, 'an option'],
    ['an option named as what every object has', { constructor: 'x' } as never, 'an option'],
  ])('%s: misconfigured, told at once, with what is wrong', (_, options, what) => {
    expect(failure(options)).toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining(`cookieStorage: ${what} cannot be '`),
    })
  })
})

test.each<[string, CookieStorageOptions]>([
  ['the longest life that a browser grants', { accessDays: 400, refreshDays: 400 }],
  ['a life of minutes', { accessDays: 0.01 }],
  ['a name that has __Host- in the middle of it, beside a path', { accessName: 'app__Host-at', path: '/app' }],
  ['a domain with a leading dot, which browsers overlook', { domain: '.example.test' }],
  ['names that share a beginning', { accessName: 'app', refreshName: 'app.refresh', recordName: 'app.x1' }],
  ['an empty domain, as an unset variable gives', { domain: '' }],
  ['a host in other letters, written as browsers do', { domain: 'xn--bcher-kva.test' }],
  ['options without a value', { path: undefined, secure: undefined } as never],
  ['a __Secure- name with a path and a domain', { accessName: '__Secure-at', path: '/app', domain: 'example.test' }],
])('allowed: %s', (_, options) => {
  expect(failure(options)).toBeUndefined()
})

test('what somebody hung on Object.prototype is no option', () => {
  const ground = Object.prototype as { domain?: string; path?: string }
  Object.assign(ground, { domain: 'example.test', path: '/app' })
  try {
    const writes = spyOnCookies()
    void cookieStorage().write(session(), context)
    expect(writes).toHaveLength(3)
    for (const { attributes } of writes) {
      expect(attributes).toMatchObject({ path: '/' })
      expect(Object.hasOwn(attributes, 'domain')).toBe(false)
    }
  } finally {
    delete ground.domain
    delete ground.path
    resetCookies()
  }
})
