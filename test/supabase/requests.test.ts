import type { AuthError } from 'keyturn'
import { type SupabaseCredentials, supabaseBackend } from 'keyturn/supabase'
import { describe, expect, test } from 'vitest'
import { answering, json } from '../backends/server.ts'
import { rejection } from '../http/stage.ts'
import { anonKey, backend, tokens, url, user } from './project.ts'

const password = 'correct-horse'

describe('what a sign-in sends', () => {
  const grant = `${url}/auth/v1/token?grant_type=password`
  const signup = `${url}/auth/v1/signup`
  const captcha = { gotrue_meta_security: {} }

  test.each<[string, SupabaseCredentials, string, object]>([
    ['e-mail', { email: 'a@b.test', password }, grant, { email: 'a@b.test', password, ...captcha }],
    ['phone', { phone: '+4912345', password }, grant, { phone: '+4912345', password, ...captcha }],
    [
      'a captcha token',
      { email: 'a@b.test', password, captchaToken: 'solved' },
      grant,
      { email: 'a@b.test', password, gotrue_meta_security: { captcha_token: 'solved' } },
    ],
    ['anonymously', { anonymous: true }, signup, captcha],
    [
      'anonymously, with data',
      { anonymous: true, data: { theme: 'dark' }, captchaToken: 'solved' },
      signup,
      { data: { theme: 'dark' }, gotrue_meta_security: { captcha_token: 'solved' } },
    ],
    ['a sign-up', { signUp: { email: 'a@b.test', password } }, signup, { email: 'a@b.test', password, ...captcha }],
    [
      'a sign-up by phone, with data',
      { signUp: { phone: '+4912345', password, data: { name: 'Ada' }, captchaToken: 'solved' } },
      signup,
      { phone: '+4912345', password, data: { name: 'Ada' }, gotrue_meta_security: { captcha_token: 'solved' } },
    ],
  ])('%s', async (_, credentials, address, body) => {
    const { calls, context } = answering(() => json(tokens))
    const answer = await backend.signIn(credentials, context)
    expect(calls).toMatchObject([{ method: 'POST', url: address }])
    expect(calls[0]?.body).toEqual(body)
    expect(answer).toEqual({
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
      expiresIn: 3600,
      expiresAt: 1_767_229_200,
      user,
    })
  })

  test('a sign-up with an empty form asks nobody: the server would make an anonymous user of it', async () => {
    const { calls, context } = answering(() => json(tokens))
    for (const credentials of [{ signUp: { email: '', password } }, { email: '', password }])
      expect(await rejection<AuthError>(backend.signIn(credentials, context))).toMatchObject({
        code: 'credentials_rejected',
      })
    expect(calls).toEqual([])
  })

  test('an anonymous sign-in sends no address along, whatever the caller adds', async () => {
    const { calls, context } = answering(() => json(tokens))
    const odd = { anonymous: true, email: 'a@b.test', password } as unknown as SupabaseCredentials
    await backend.signIn(odd, context)
    expect(calls[0]?.body).toEqual(captcha)
  })
})

describe('the other calls', () => {
  test('a refresh sends the refresh token and nothing else', async () => {
    const { calls, context } = answering(() => json(tokens))
    const outcome = await backend.refresh({ accessToken: 'access-1', refreshToken: 'refresh-1' }, context)
    expect(outcome).toMatchObject({ type: 'renewed', answer: { accessToken: 'access-2', refreshToken: 'refresh-2' } })
    expect(calls).toMatchObject([{ method: 'POST', url: `${url}/auth/v1/token?grant_type=refresh_token` }])
    expect(calls[0]?.body).toEqual({ refresh_token: 'refresh-1' })
  })

  test('getUser asks with the access token', async () => {
    const { calls, context } = answering(() => json(user))
    expect(await backend.getUser?.('access-1', context)).toEqual(user)
    expect(calls).toMatchObject([
      { method: 'GET', url: `${url}/auth/v1/user`, body: null, headers: { authorization: 'Bearer access-1' } },
    ])
  })

  test.each(['local', 'global', 'others'] as const)('a sign-out has the scope %s in its address', async (scope) => {
    const { calls, context } = answering(() => new Response(null, { status: 204 }))
    await backend.signOut({ accessToken: 'access-1', refreshToken: 'refresh-1' }, scope, context)
    expect(calls).toMatchObject([
      {
        method: 'POST',
        url: `${url}/auth/v1/logout?scope=${scope}`,
        body: null,
        headers: { authorization: 'Bearer access-1' },
      },
    ])
  })
})

test('every call carries the key and the version; the key is also the bearer where there is no token', async () => {
  const { calls, context } = answering(() => json(tokens))
  await backend.signIn({ email: 'a@b.test', password }, context)
  await backend.refresh({ accessToken: 'access-1', refreshToken: 'refresh-1' }, context)
  await backend.getUser?.('access-1', context)
  await backend.signOut({ accessToken: 'access-1', refreshToken: 'refresh-1' }, 'local', context)
  for (const { headers } of calls)
    expect(headers).toMatchObject({ apikey: anonKey, 'x-supabase-api-version': '2024-01-01' })
  expect(calls.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${anonKey}`,
    `Bearer ${anonKey}`,
    'Bearer access-1',
    'Bearer access-1',
  ])
})

test('a publishable key is sent as it is, and a slash after the address does no harm', async () => {
  const { calls, context } = answering(() => json(tokens))
  const other = supabaseBackend({ url: 'http://127.0.0.1:54321/', anonKey: 'sb_publishable_abc' })
  await other.signIn({ anonymous: true }, context)
  expect(calls).toMatchObject([
    {
      url: 'http://127.0.0.1:54321/auth/v1/signup',
      headers: { apikey: 'sb_publishable_abc', authorization: 'Bearer sb_publishable_abc' },
    },
  ])
})

test('toUser makes the user of every answer', async () => {
  const named = supabaseBackend({ url, anonKey, toUser: ({ id, email }) => ({ id, name: email?.split('@')[0] }) })
  const ada = { id: user.id, name: 'ada' }
  const signIn = await named.signIn({ anonymous: true }, answering(() => json(tokens)).context)
  expect(signIn.user).toEqual(ada)
  expect(await named.getUser?.('access-1', answering(() => json(user)).context)).toEqual(ada)
  const refreshed = await named.refresh(
    { accessToken: null, refreshToken: 'refresh-1' },
    answering(() => json(tokens)).context,
  )
  expect(refreshed).toMatchObject({ answer: { user: ada } })
})
