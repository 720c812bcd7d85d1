import { AuthError, isAuthError } from 'keyturn'
import { expect, test } from 'vitest'

test('isAuthError knows ours, and those of another copy of the kit', () => {
  expect(isAuthError(new AuthError('rejected', 'no'))).toBe(true)
  const other = Object.defineProperty(new Error('no'), Symbol.for('keyturn.AuthError'), { value: true })
  expect(isAuthError(other)).toBe(true)
})

test('what marks an AuthError shows up nowhere', () => {
  const error = new AuthError('rejected', 'no', { status: 400 })
  expect(Reflect.ownKeys({ ...error })).toEqual(['status', 'name', 'code'])
})

test.each([
  ['an error of that name', Object.assign(new Error('no'), { name: 'AuthError', code: 'rejected' })],
  ['an object of that name', { name: 'AuthError', code: 'rejected' }],
  ['text', 'AuthError'],
  ['null', null],
  ['undefined', undefined],
  ['a number', 5],
])('%s is no AuthError', (_, value) => {
  expect(isAuthError(value)).toBe(false)
})
