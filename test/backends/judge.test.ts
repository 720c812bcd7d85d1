import { type RefreshOutcome, restBackend } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json, refresh } from './server.ts'

type Row = readonly [name: string, answer: Response]
type Outcome = RefreshOutcome & { readonly doubt?: boolean; readonly hint?: boolean }

const backend = restBackend({ baseUrl: '/api' })
const judged = async (answer: Response, by = backend) => (await refresh(by, answering(() => answer).context)) as Outcome
const text = (status: number, body: string, type = 'text/plain') =>
  new Response(body, { status, headers: { 'Content-Type': type } })
const problem = (status: number, body: object) => json(body, status, { 'Content-Type': 'application/problem+json' })
const graphql = (message: string, code?: string) =>
  json({ data: null, errors: [{ message, path: ['refresh'], extensions: { code } }] })

describe('the session is over, and the server says so', () => {
  const rows: Row[] = [
    ['OAuth invalid_grant', json({ error: 'invalid_grant', error_description: 'Token is not active' }, 400)],
    ['OAuth invalid_grant with 401', json({ error: 'invalid_grant' }, 401)],
    ['invalid_grant with 200', json({ error: 'invalid_grant' })],
    [
      'oauth2-server',
      json({ error: 'invalid_grant', error_description: 'Invalid grant: refresh token is invalid' }, 400),
    ],
    [
      'league/oauth2-server before 9',
      json(
        {
          error: 'invalid_request',
          error_description: 'The refresh token is invalid.',
          hint: 'Token has been revoked',
        },
        401,
      ),
    ],
    ['Supabase, new shape', json({ code: 'refresh_token_not_found', message: 'Invalid Refresh Token' }, 400)],
    ['Supabase, old shape', json({ code: 400, error_code: 'session_expired', msg: 'Invalid Refresh Token' }, 400)],
    ['Supabase, already used', json({ code: 'refresh_token_already_used', message: 'no' }, 400)],
    ['Supabase, banned', json({ code: 'user_banned', message: 'User is banned' }, 403)],
    ['Express, 403 with plain words as HTML', text(403, 'Invalid refresh token', 'text/html; charset=utf-8')],
    ['Express, 403 with plain words', text(403, 'Refresh token expired')],
    ['Express, 403 with a message', json({ message: 'Refresh token is not valid!' }, 403)],
    ['Express, 403, nested', json({ error: { code: 'REFRESH_TOKEN_EXPIRED', message: 'Please sign in' } }, 403)],
    ['Express, a code in camel case', json({ code: 'RefreshTokenExpired' }, 403)],
    ['Express, a code with hyphens', json({ error: 'refresh-token-revoked' }, 400)],
    ['404 with plain words', text(404, 'refresh token not found')],
    ['404 with JSON', json({ detail: 'Refresh token not found' }, 404)],
    ['404, session', json({ message: 'Session not found' }, 404)],
    ['404, Rails', json({ error: "Couldn't find Session with 'id'=17" }, 404)],
    ['410', json({ message: 'This session has ended.' }, 410)],
    ['419, Laravel', json({ message: 'Your session has expired.' }, 419)],
    ['422', json({ message: 'The refresh token has been revoked.' }, 422)],
    ['422, Rails', json({ errors: ['Refresh token is invalid'] }, 422)],
    ['498', json({ message: 'Invalid or expired refresh token' }, 498)],
    ['200 with words', json({ success: false, message: 'Session expired, please log in again' })],
    ['200 with words and a number', json({ code: 40103, msg: 'refresh_token expired' })],
    [
      'Spring, Refresh token is not in database',
      json({ statusCode: 403, message: 'Failed for [9b1c]: Refresh token is not in database!' }, 403),
    ],
    [
      'Spring, expired',
      json(
        { status: 403, error: 'Forbidden', message: 'Refresh token was expired. Please make a new signin request' },
        403,
      ),
    ],
    ['Django REST framework', json({ detail: 'Token is blacklisted', code: 'token_not_valid' }, 401)],
    ['FastAPI', json({ detail: 'Refresh token has already been used' }, 400)],
    ['NestJS', json({ statusCode: 403, message: 'Unknown refresh token', error: 'Forbidden' }, 403)],
    [
      'ASP.NET problem+json',
      problem(400, {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'The refresh token does not exist.',
      }),
    ],
    ['Keycloak', json({ error: 'invalid_grant', error_description: 'Session not active' }, 400)],
    ['reuse', json({ error: 'Refresh token reuse detected' }, 403)],
    ['no such session', json({ message: 'No such session' }, 403)],
    ['GraphQL, code', graphql('Not authenticated', 'UNAUTHENTICATED')],
    ['GraphQL, words', graphql('Invalid refresh token', 'BAD_USER_INPUT')],
    ['401 without a body', new Response(null, { status: 401 })],
    ['401 with plain text', text(401, 'Unauthorized')],
    ['401, Spring', json({ timestamp: 1, status: 401, error: 'Unauthorized', path: '/auth/refresh-token' }, 401)],
    ['401, Laravel', json({ message: 'Unauthenticated.' }, 401)],
    [
      '401, Directus',
      json({ errors: [{ message: 'Invalid user credentials.', extensions: { code: 'INVALID_CREDENTIALS' } }] }, 401),
    ],
    ['401 with a bit of HTML that is no document', text(401, '<b>Unauthorized</b>', 'text/html')],
    ['401, refresh token required', json({ message: 'Refresh token required' }, 401)],
  ]
  test.each(rows)('%s', async (_, answer) => {
    const outcome = await judged(answer)
    expect(outcome).toMatchObject({ type: 'rejected', error: { code: 'rejected' } })
    expect(outcome).not.toHaveProperty('doubt')
  })
})

describe('the session is probably over, which has to be said three times', () => {
  const rows: Row[] = [
    ['400 without a body', new Response(null, { status: 400 })],
    ['400, Spring', json({ timestamp: 1, status: 400, error: 'Bad Request', path: '/auth/refresh-token' }, 400)],
    ['403 without a body', new Response(null, { status: 403 })],
    ['403 with plain text', text(403, 'Forbidden')],
    ['403 of a firewall', json({ message: 'Forbidden' }, 403)],
    [
      '403 of a firewall with a page that is no document',
      text(403, '<center><h1>403 Forbidden</h1></center>', 'text/html'),
    ],
    ['403, suspended', json({ detail: 'Account suspended' }, 403)],
    ['403, a bare token', json({ message: 'jwt expired' }, 403)],
    ['410 without a body', new Response(null, { status: 410 })],
    ['419 without a body', new Response(null, { status: 419 })],
    ['422 with a code of its own', json({ code: 'E17' }, 422)],
    ['498 without a body', new Response(null, { status: 498 })],
  ]
  test.each(rows)('%s', async (_, answer) => {
    expect(await judged(answer)).toMatchObject({ type: 'rejected', doubt: true, error: { code: 'rejected' } })
  })
})

describe('wrongly asked, which says nothing about the session', () => {
  const rows: Row[] = [
    ['invalid_request', json({ error: 'invalid_request', error_description: 'Missing parameter: refresh_token' }, 400)],
    ['invalid_request without words', json({ error: 'invalid_request' }, 400)],
    ['invalid_scope', json({ error: 'invalid_scope', error_description: 'The refresh token has no such scope' }, 400)],
    [
      'unsupported_grant_type',
      json({ error: 'unsupported_grant_type', error_description: 'refresh_token is not in the list' }, 400),
    ],
    [
      'unauthorized_client',
      json(
        { error: 'unauthorized_client', error_description: 'Grant type refresh_token is invalid for this client' },
        400,
      ),
    ],
    ['invalid_client with 401', json({ error: 'invalid_client' }, 401)],
    ['use_dpop_nonce', json({ error: 'use_dpop_nonce', error_description: 'DPoP nonce required' }, 400)],
    ['use_dpop_nonce with 401', json({ error: 'use_dpop_nonce' }, 401)],
    ['invalid_dpop_proof', json({ error: 'invalid_dpop_proof', error_description: 'session not found' }, 400)],
    ['an unknown grant type in words', json({ message: 'Invalid grant type: refresh_token' }, 400)],
    ['CSRF, Express', json({ code: 'EBADCSRFTOKEN', message: 'invalid csrf token' }, 403)],
    ['CSRF, Django', json({ detail: 'CSRF Failed: CSRF token missing.' }, 403)],
    ['CSRF, Laravel', json({ message: 'CSRF token mismatch.' }, 419)],
    [
      'CSRF, Spring',
      json(
        { status: 403, message: 'Could not verify the provided CSRF token because your session was not found.' },
        403,
      ),
    ],
    ['XSRF', json({ message: 'XSRF check failed' }, 403)],
    [
      'validation, FastAPI',
      json({ detail: [{ loc: ['body', 'refresh_token'], msg: 'Field required', type: 'missing' }] }, 422),
    ],
    [
      'validation, Laravel',
      json(
        {
          message: 'The refresh token field is required.',
          errors: { refresh_token: ['The refresh token field is required.'] },
        },
        422,
      ),
    ],
    [
      'validation, ASP.NET',
      problem(400, {
        title: 'One or more validation errors occurred.',
        status: 400,
        errors: { RefreshToken: ['The RefreshToken field is required.'] },
      }),
    ],
    [
      'validation, NestJS',
      json({ statusCode: 400, message: ['refreshToken must be a string'], error: 'Bad Request' }, 400),
    ],
    ['validation, Django REST framework', json({ refresh: ['This field is required.'] }, 400)],
    ['validation, Django REST framework, blank', json({ refresh: ['This field may not be blank.'] }, 400)],
    [
      'validation, Fastify',
      json(
        {
          statusCode: 400,
          code: 'FST_ERR_VALIDATION',
          error: 'Bad Request',
          message: "body must have required property 'refreshToken'",
        },
        400,
      ),
    ],
    [
      'validation, express-validator',
      json({ errors: [{ type: 'field', msg: 'refreshToken is required', path: 'refreshToken' }] }, 400),
    ],
    [
      'validation, zod',
      json(
        {
          success: false,
          error: {
            issues: [{ code: 'invalid_type', message: 'Invalid input: expected string, received undefined' }],
            name: 'ZodError',
          },
        },
        400,
      ),
    ],
    [
      'validation, Go',
      text(400, "Key: 'Request.RefreshToken' Error:Field validation for 'RefreshToken' failed on the 'required' tag"),
    ],
    ['validation, Supabase code', json({ code: 'validation_failed', message: 'no' }, 400)],
    ['no refresh token provided', json({ message: 'No refresh token provided' }, 400)],
    ['404 without a body', new Response(null, { status: 404 })],
    ['404, FastAPI', json({ detail: 'Not Found' }, 404)],
    ['404, Spring', json({ status: 404, error: 'Not Found', path: '/auth/refresh-token' }, 404)],
    ['404, NestJS', json({ statusCode: 404, message: 'Cannot POST /auth/refresh-token', error: 'Not Found' }, 404)],
    ['404, Express, a page', html(404)],
    [
      '404, Fastify',
      json({ statusCode: 404, error: 'Not Found', message: 'Route POST:/auth/refresh-token not found' }, 404),
    ],
    ['404, Fastify, session', json({ statusCode: 404, message: 'Route POST:/session/renew not found' }, 404)],
    ['404, Laravel', json({ message: 'The route api/auth/refresh-token could not be found.' }, 404)],
    ['validation, NestJS, an unknown field', json({ message: ['property refresh_token should not exist'] }, 400)],
    ['validation, GraphQL', graphql('Variable "$refreshToken" got invalid value null')],
    ['a token that is looked for elsewhere', json({ message: 'Refresh token not found in request body' }, 400)],
    ['405', json({ detail: 'Method Not Allowed' }, 405)],
    ['406', new Response(null, { status: 406 })],
    ['415', json({ message: 'Unsupported Media Type' }, 415)],
    ['418', new Response(null, { status: 418 })],
    ['a page with 200', html(200)],
    ['a page with 403', html(403)],
    ['a page in capitals after blanks', text(200, '\n  <!DOCTYPE HTML><p>Hotel', 'text/html')],
    ['a redirect', new Response(null, { status: 302, headers: { Location: '/login' } })],
    ['200 with a code of its own', json({ code: 40102 })],
    ['200 with an empty object', json({})],
    ['200 with null', json(null)],
    ['204', new Response(null, { status: 204 })],
  ]
  test.each(rows)('%s', async (_, answer) => {
    const { status } = answer
    const outcome = await judged(answer)
    expect(outcome).toMatchObject({ type: 'unavailable', hint: true, error: { status } })
    expect((outcome as { error: Error }).error.message).toContain(
      `POST https://app.example.test/api/auth/refresh-token answered ${status} (`,
    )
  })

  test('tokens that are missing from a good answer make it an invalid response', async () => {
    expect(await judged(json({ code: 40102 }))).toMatchObject({ error: { code: 'invalid_response' } })
    expect(await judged(html(200))).toMatchObject({ error: { code: 'unavailable' } })
  })
})

describe('passing trouble, whatever the words', () => {
  const gone = { error: 'invalid_grant', message: 'Refresh token not found' }
  const rows: Row[] = [
    ...[408, 421, 425, 426, 429, 431, 451, 500, 501, 502, 503, 504, 520, 530, 599].flatMap((status): Row[] => [
      [`${status}`, json(gone, status)],
      [`${status} with a page`, html(status)],
    ]),
    [
      '400 with a code of a rate limit',
      json({ code: 'over_request_rate_limit', message: 'Invalid Refresh Token' }, 400),
    ],
    ['400 with temporarily_unavailable', json({ error: 'temporarily_unavailable' }, 400)],
    ['400 with slow_down', json({ error: 'slow_down' }, 400)],
  ]
  test.each(rows)('%s', async (_, answer) => {
    const outcome = await judged(answer)
    expect(outcome).toMatchObject({ type: 'unavailable', error: { code: 'unavailable' } })
    expect(outcome).not.toHaveProperty('hint')
  })
  test('409 is a conflict', async () => {
    expect(await judged(json(gone, 409))).toMatchObject({ type: 'conflict' })
  })
})

describe('words that only look final', () => {
  test.each<[string, Response]>([
    ['a session that could not be extended', json({ message: 'The session could not be extended' }, 403)],
    ['an invalid grant type', json({ error: 'invalid_grant_type' }, 400)],
    ['a page that quotes words', text(403, '<!doctype html><p>Session expired</p>', 'text/html')],
    ['a session in another sentence', json({ message: 'Session store: busy. Route not found' }, 404)],
  ])('%s', async (_, answer) => {
    const { type, doubt } = await judged(answer)
    expect(type === 'unavailable' || doubt).toBe(true)
  })
})

describe('refused: the app says which refusal is final', () => {
  const by = (refused: Parameters<typeof restBackend>[0]['refused']) => restBackend({ baseUrl: '/api', refused })
  test('it sees the status, the headers and the body', async () => {
    const seen: unknown[] = []
    const watch = by(({ status, headers, body }) => void seen.push(status, headers.get('X-Why'), body) as undefined)
    await judged(json({ code: 7 }, 403, { 'X-Why': 'gone' }), watch)
    await judged(text(401, 'Nope'), watch)
    expect(seen).toEqual(expect.arrayContaining([403, 'gone', { code: 7 }, 401, null, 'Nope']))
  })
  test('true ends the session, whatever the status', async () => {
    for (const status of [200, 404, 500])
      expect(
        await judged(
          json({ code: 40102 }, status),
          by(({ json }) => json.code === 40102),
        ),
      ).toEqual({
        type: 'rejected',
        error: expect.objectContaining({ code: 'rejected', status }),
      })
  })
  test('true counts even beside tokens', async () => {
    expect(
      await judged(
        json({ access_token: 'a', gone: true }),
        by(({ json }) => json.gone === true),
      ),
    ).toMatchObject({
      type: 'rejected',
    })
  })
  test('false keeps the session, whatever the words', async () => {
    const outcome = await judged(
      json({ error: 'invalid_grant' }, 400),
      by(() => false),
    )
    expect(outcome).toMatchObject({ type: 'unavailable', error: { code: 'unavailable' } })
  })
  test('undefined leaves it to the rule', async () => {
    expect(
      await judged(
        json({ error: 'invalid_grant' }, 400),
        by(() => undefined),
      ),
    ).toMatchObject({ type: 'rejected' })
    expect(
      await judged(
        json({ access_token: 'a' }),
        by(() => undefined),
      ),
    ).toMatchObject({ type: 'renewed' })
  })
})

test('an HttpOnly refresh token that the server misses is gone, not wrongly asked for', async () => {
  const cookie = restBackend({ baseUrl: '/api', kind: { access: 'token', refresh: 'cookie' } })
  expect(await judged(json({ message: 'Refresh token is missing' }, 400), cookie)).toMatchObject({
    type: 'rejected',
    doubt: true,
  })
  expect(await judged(json({ message: 'No token provided' }, 401), cookie)).toEqual({
    type: 'rejected',
    error: expect.objectContaining({ code: 'rejected' }),
  })
})
