import { type AuthError, type RefreshOutcome, restBackend, type TokenAnswer } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json, now, refresh } from './server.ts'

const backend = restBackend({ baseUrl: '/api' })
const pair = { access_token: 'access-2', refresh_token: 'refresh-2' }
const refreshed = (answer: () => Response | Promise<Response>) => refresh(backend, answering(answer).context)

describe('a refresh that is answered with tokens', () => {
  const empty = { refreshToken: null, expiresIn: null, expiresAt: null, user: null }
  /** null and undefined say the same in a token answer. */
  const told = (answer: TokenAnswer) => ({ ...answer, user: answer.user ?? null })
  test.each<[string, object, object]>([
    ['both tokens', pair, { ...empty, accessToken: 'access-2', refreshToken: 'refresh-2' }],
    ['T4-35: no refresh token', { access_token: 'a' }, { ...empty, accessToken: 'a' }],
    ['T4-35: null as refresh token', { access_token: 'a', refresh_token: null }, { ...empty, accessToken: 'a' }],
    ['a number as refresh token', { access_token: 'a', refresh_token: 7 }, { ...empty, accessToken: 'a' }],
    [
      'scenario 19: expires_in',
      { access_token: 'a', expires_in: 3600 },
      { ...empty, accessToken: 'a', expiresIn: 3600 },
    ],
    [
      'scenario 19: expires_in as text',
      { access_token: 'a', expires_in: '3600' },
      { ...empty, accessToken: 'a', expiresIn: 3600 },
    ],
    ['scenario 19: expires_in as junk', { access_token: 'a', expires_in: 'soon' }, { ...empty, accessToken: 'a' }],
    ['expires_in as an object', { access_token: 'a', expires_in: {} }, { ...empty, accessToken: 'a' }],
    [
      'expires_at',
      { access_token: 'a', expires_at: 1_800_000_000 },
      { ...empty, accessToken: 'a', expiresAt: 1_800_000_000 },
    ],
    ['a user', { access_token: 'a', user: { id: 1 } }, { ...empty, accessToken: 'a', user: { id: 1 } }],
  ])('%s', async (_, body, answer) => {
    const outcome = await refreshed(() => json(body))
    expect(outcome.type).toBe('renewed')
    expect(told((outcome as { answer: TokenAnswer }).answer)).toEqual(answer)
  })
})

describe('what a refresh without tokens means', () => {
  type Row = [string, () => Response, RefreshOutcome['type']]
  const supabase = (code: string) => ({ code: 400, error_code: code, msg: 'Invalid Refresh Token' })
  const final: Row[] = [
    ['400 with detail', () => json({ detail: 'Refresh token is invalid' }, 400), 'rejected'],
    ['401 with detail', () => json({ detail: 'Refresh token is invalid' }, 401), 'rejected'],
    ['403 with detail', () => json({ detail: 'Account suspended' }, 403), 'rejected'],
    ['401 without a body', () => new Response(null, { status: 401 }), 'rejected'],
    ['401 with plain text', () => new Response('Unauthorized', { status: 401 }), 'rejected'],
    [
      'OAuth invalid_grant',
      () => json({ error: 'invalid_grant', error_description: 'Token expired' }, 400),
      'rejected',
    ],
    ...[
      'refresh_token_not_found',
      'refresh_token_already_used',
      'session_not_found',
      'session_expired',
      'user_banned',
      'validation_failed',
    ].flatMap((code): Row[] => [
      [`T4-51: 400 ${code}, older shape`, () => json(supabase(code), 400), 'rejected'],
      [`T4-51: 400 ${code}, newer shape`, () => json({ code, message: 'Invalid Refresh Token' }, 400), 'rejected'],
    ]),
  ]
  const passing: Row[] = [
    ...[404, 405, 408, 413, 418, 425, 429, 500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530].map(
      (status): Row => [`${status}`, () => json({ detail: 'no' }, status), 'unavailable'],
    ),
    ...[200, 400, 401, 403, 404, 429, 500, 502, 503].map(
      (status): Row => [`${status} with HTML`, () => html(status), 'unavailable'],
    ),
    [
      'a redirect that was not followed',
      () => new Response(null, { status: 302, headers: { Location: '/login' } }),
      'unavailable',
    ],
    ['204', () => new Response(null, { status: 204 }), 'unavailable'],
    ['200 without a body', () => new Response('', { status: 200 }), 'unavailable'],
    ['200 with junk', () => new Response('{"access_token": "cut of', { status: 200 }), 'unavailable'],
    ['200 with an empty object', () => json({}), 'unavailable'],
    ['200 with a list', () => json([pair]), 'unavailable'],
    ['200 with null', () => json(null), 'unavailable'],
    ['200 with a number as token', () => json({ access_token: 7 }), 'unavailable'],
    ['200 with an empty token', () => json({ access_token: '' }), 'unavailable'],
    ['tokens under an error status', () => json(pair, 500), 'unavailable'],
    [
      'T4-51: 429 over_request_rate_limit',
      () => json({ code: 'over_request_rate_limit', message: 'slow' }, 429),
      'unavailable',
    ],
    ['T4-51: 500 unexpected_failure', () => json(supabase('unexpected_failure'), 500), 'unavailable'],
    ['T4-51: 400 that only means the rate', () => json(supabase('over_request_rate_limit'), 400), 'unavailable'],
    ['OAuth temporarily_unavailable', () => json({ error: 'temporarily_unavailable' }, 400), 'unavailable'],
    ['OAuth server_error', () => json({ error: 'server_error' }, 400), 'unavailable'],
    ['409', () => json({ code: 'conflict' }, 409), 'conflict'],
    ['409 without a body', () => new Response(null, { status: 409 }), 'conflict'],
  ]
  const interaction: Row[] = [
    'interaction_required',
    'login_required',
    'captcha_failed',
    'mfa_required',
    'insufficient_aal',
  ].flatMap((code): Row[] => [
    [`400 ${code}`, () => json({ error: code }, 400), 'interaction_required'],
    [`401 ${code}, Supabase shape`, () => json(supabase(code), 401), 'interaction_required'],
  ])

  test.each([...final, ...passing, ...interaction])('%s', async (_, answer, type) => {
    const outcome = (await refreshed(answer)) as Extract<RefreshOutcome, { type: 'rejected' }>
    expect(outcome.type).toBe(type)
    expect(outcome.error).toMatchObject({ name: 'AuthError', status: answer().status })
    expect(outcome.error.message).toBeTruthy()
  })

  test('the error tells the words and the code of the server, in every shape', async () => {
    const error = async (body: unknown) => ((await refreshed(() => json(body, 400))) as { error: unknown }).error
    expect(await error({ detail: 'From FastAPI' })).toMatchObject({ message: 'From FastAPI', status: 400 })
    expect(await error(supabase('session_expired'))).toMatchObject({
      message: 'Invalid Refresh Token',
      serverCode: 'session_expired',
    })
    expect(await error({ code: 'user_banned', message: 'Banned' })).toMatchObject({
      message: 'Banned',
      serverCode: 'user_banned',
    })
    expect(await error({ error: 'invalid_grant', error_description: 'Gone' })).toMatchObject({
      message: 'Gone',
      serverCode: 'invalid_grant',
    })
  })

  test.each<[string, Record<string, string>, number]>([
    ['in seconds', { 'Retry-After': '120' }, 120_000],
    ['of zero', { 'Retry-After': '0' }, 0],
    ['as a date', { 'Retry-After': new Date(now + 90_000).toUTCString() }, 90_000],
    [
      "as a date, by the server's own clock",
      { 'Retry-After': 'Thu, 01 Jan 2099 00:01:00 GMT', Date: 'Thu, 01 Jan 2099 00:00:00 GMT' },
      60_000,
    ],
    ['of a year', { 'Retry-After': '31536000' }, 3_600_000],
    ['without an end', { 'Retry-After': 'Infinity' }, 3_600_000],
    ['as a date in 2099', { 'Retry-After': 'Thu, 01 Jan 2099 00:00:00 GMT' }, 3_600_000],
    ['as a date that is past', { 'Retry-After': new Date(now - 90_000).toUTCString() }, 0],
    ['as junk', { 'Retry-After': 'soon' }, 0],
    ['below zero', { 'Retry-After': '-5' }, 0],
  ])('Retry-After %s', async (_, headers, expected) => {
    for (const status of [429, 503]) {
      const outcome = await refreshed(() => json({}, status, headers))
      expect(outcome.type).toBe('unavailable')
      expect((outcome as { error: AuthError }).error.retryAfter ?? 0).toBe(expected)
    }
  })

  test.each([
    ['the network fails', new TypeError('Failed to fetch')],
    ['it is aborted', new DOMException('aborted', 'AbortError')],
  ])('%s: unavailable, with the cause', async (_, cause) => {
    expect(await refreshed(() => Promise.reject(cause))).toMatchObject({
      type: 'unavailable',
      error: { code: 'unavailable', cause },
    })
  })

  test('the body breaks off: unavailable', async () => {
    const body = new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) })
    expect(await refreshed(() => new Response(body))).toMatchObject({
      type: 'unavailable',
      error: { code: 'unavailable' },
    })
  })
})

describe('a sign-out that is answered by a page for people', () => {
  const held = { accessToken: 'access-1', refreshToken: 'refresh-1' }
  const signOut = (answer: Response) => backend.signOut(held, 'local', answering(() => answer).context)

  test('has not reached the server: a hotel, or a proxy, says 200 to everything', async () => {
    await expect(signOut(html(200))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('has, where a redirect of the page’s own origin has led to it', async () => {
    const page = Object.defineProperty(html(200), 'redirected', { value: true })
    await expect(signOut(page)).resolves.toBeUndefined()
  })
})
