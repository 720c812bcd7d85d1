// @vitest-environment jsdom
import { type AuthError, type CookieStorageOptions, cookieStorage } from 'keyturn'
import { describe, expect, test } from 'vitest'

const failure = (options: CookieStorageOptions): AuthError | undefined => {
  try {
    cookieStorage(options)
    return undefined
  } catch (error) {
    return error as AuthError
  }
}

const name = /^cookieStorage: the name of a cookie cannot be '/
const twice = /^cookieStorage: the name of two cookies cannot be '/
const life = /^cookieStorage: a life in days cannot be '/
const path = /^cookieStorage: path cannot be '/
const domain = /^cookieStorage: domain cannot be '/

describe('what is not allowed', () => {
  test.each<[string, CookieStorageOptions, RegExp]>([
    ['an empty name', { accessName: '' }, name],
    ['a name with a space', { accessName: 'auth token' }, name],
    ['a name with an equal sign', { refreshName: 'a=b' }, name],
    ['a name with a semicolon', { recordName: 'a;b' }, name],
    ['a name of umlauts', { accessName: 'schlüssel' }, name],
    ['a name that is far too long', { accessName: 'x'.repeat(5_000) }, name],
    ['one name for two cookies', { accessName: 'token', refreshName: 'token' }, twice],
    ['the record named as the token', { recordName: 'auth-token' }, twice],
    ['no life', { accessDays: 0 }, life],
    ['a negative life', { refreshDays: -1 }, life],
    ['T4-41: a life that no browser grants', { refreshDays: 401 }, life],
    ['a life of NaN', { accessDays: Number.NaN }, life],
    ['a life without end', { accessDays: Number.POSITIVE_INFINITY }, life],
    ['T4-38: a life as text', { accessDays: '30 days' as never }, life],
    ['a path that is none', { path: 'app' }, path],
    ['a path that does not begin at the root', { path: 'app/x' }, path],
    ['a path with a semicolon', { path: '/; domain=evil.test' }, path],
    ['a domain with a semicolon', { domain: 'a.test; path=/' }, domain],
    ['a __Host- name with a path', { accessName: '__Host-at', path: '/app' }, name],
    ['a __Host- name with a domain', { refreshName: '__Host-rt', domain: 'example.test' }, name],
    ['a __Host- name without https', { recordName: '__Host-rec', secure: false }, name],
    [
      'T4-38: such a name in small letters, which browsers take for the same',
      { accessName: '__host-at', path: '/app' },
      name,
    ],
  ])('%s: misconfigured, told at once, with what is wrong', (_, options, words) => {
    expect(failure(options)).toMatchObject({ code: 'misconfigured', message: expect.stringMatching(words) })
  })
})

test.each<[string, CookieStorageOptions]>([
  ['the longest life that a browser grants', { accessDays: 400, refreshDays: 400 }],
  ['a life of minutes', { accessDays: 0.01 }],
  ['a name that has __Host- in the middle of it, beside a path', { accessName: 'app__Host-at', path: '/app' }],
  ['a __Secure- name with a path and a domain', { accessName: '__Secure-at', path: '/app', domain: 'example.test' }],
])('allowed: %s', (_, options) => {
  expect(failure(options)).toBeUndefined()
})
