import { supabaseBackend } from 'keyturn/supabase'
import { describe, expect, test } from 'vitest'
import { anonKey, jwt, url } from './project.ts'

describe('options that cannot be right', () => {
  const secret = jwt({ role: 'service_role', iss: 'supabase' })
  const make = (options: unknown) => () => supabaseBackend(options as { url: string; anonKey: string })

  test.each<[string, unknown]>([
    ['no options', undefined],
    ['no url', { anonKey }],
    ['an empty url', { url: '', anonKey }],
    ['a host without a scheme', { url: 'abc.supabase.co', anonKey }],
    ['a path', { url: '/supabase', anonKey }],
    ['the address of the database', { url: 'postgresql://postgres@db.abc.supabase.co:5432/postgres', anonKey }],
    ['nothing but a scheme', { url: 'https://', anonKey }],
    ['an address that ends in /auth/v1', { url: `${url}/auth/v1`, anonKey }],
    ['an address that ends in /rest/v1/', { url: `${url}/rest/v1/`, anonKey }],
  ])('%s', (_, options) => {
    expect(make(options)).toThrow(
      expect.objectContaining({
        code: 'misconfigured',
        message: expect.stringMatching(/^supabaseBackend: url cannot be .*'https:\/\/abc\.supabase\.co'/),
      }),
    )
  })

  test.each<[string, unknown]>([
    ['no key', undefined],
    ['an empty key', ''],
    ['a number', 7],
    ['a key with a line break at its end', `${anonKey}\n`],
    ['a key with a blank in it', 'sb_publishable _abc'],
    ['a key with characters that no header takes', 'schlüssel'],
  ])('%s', (_, key) => {
    const error = caught(make({ url, anonKey: key }))
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('anonKey') })
    expect(String(error)).not.toContain('eyJ')
  })

  test.each([
    ['a service_role key', secret],
    ['a new secret key', 'sb_secret_N7UND0UgjKTVK-Uodkm0Hg'],
  ])('%s must never be in a browser', (_, key) => {
    const error = caught(make({ url, anonKey: key }))
    expect(error).toMatchObject({ code: 'misconfigured', message: expect.stringContaining('never be in a browser') })
    expect(String(error)).not.toContain(key)
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('It did not throw.')
}
