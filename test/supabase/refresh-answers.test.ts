import { AuthError, type RefreshOutcome } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json, now, refresh } from '../backends/server.ts'
import { backend, oauth, shapes, tokens, user } from './project.ts'

type Answer = () => Response | Promise<Response>
type Row = [name: string, answer: () => Response, type: RefreshOutcome['type']]

const refreshed = (answer: Answer) => refresh(backend, answering(answer).context)
const errorOf = async (answer: Answer) => ((await refreshed(answer)) as { error: AuthError }).error

describe('what a refresh without tokens means', () => {
  const final: Row[] = [
    'refresh_token_not_found',
    'refresh_token_already_used',
    'session_not_found',
    'session_expired',
    'user_banned',
    'validation_failed',
  ].flatMap((code) => shapes(code).map(([name, answer]): Row => [name, answer, 'rejected']))
  const old: Row[] = ['Refresh Token Not Found', 'Already Used', 'Session Expired', 'User Banned'].map((words) => [
    `before v2.164.0: ${words}`,
    oauth('invalid_grant', `Invalid Refresh Token: ${words}`),
    'rejected',
  ])

  const passing: Row[] = [
    ...shapes('over_request_rate_limit', 429, 'Request rate limit reached'),
    ...shapes('request_timeout', 504, 'Processing this request timed out, please retry after a moment.'),
    ...shapes('unexpected_failure', 500, 'Unexpected failure, please check server logs for more information'),
    ...shapes('unknown', 418),
    // Statuses without a word.
    ...[408, 425, 429, 500, 502, 503, 504, 520, 522, 530].map((status): [string, () => Response] => [
      `${status} without a body`,
      () => new Response(null, { status }),
    ]),
    ...[200, 400, 401, 403, 404, 503].map((status): [string, () => Response] => [
      `${status}, HTML`,
      () => html(status),
    ]),
    // Nothing that is known to be final: the session stays.
    ...[
      'bad_json',
      'over_email_send_rate_limit',
      'hook_timeout',
      'hook_payload_invalid_content_type',
      'bad_jwt',
    ].flatMap((code) => shapes(code)),
    ...shapes('some_code_of_a_later_version', 403),
    // Only part of a word that is final.
    ...shapes('session_expired_soon'),
    ...shapes('hook_user_banned'),
    ['400 without a code', () => json({ message: 'no' }, 400)],
    ['401 of the gateway, no key', () => json({ message: 'No API key found in request' }, 401)],
    ['401 of the gateway, wrong key', () => json({ message: 'Invalid API key' }, 401)],
    ['403 without a body', () => new Response(null, { status: 403 })],
    ['404 of the router', () => new Response('404 page not found', { status: 404 })],
    ['OAuth invalid_client', oauth('invalid_client', 'Refresh token belongs to another client')],
    ['OAuth invalid_request', oauth('invalid_request', 'no')],
    ['a hook that answers as Postgres does', () => json({ code: 'P0001', message: 'raised' }, 400)],
    ['200 without tokens', () => json({})],
    ['200 with a user only', () => json(user)],
    ['200 with junk', () => new Response('{"access_token": "cut of')],
    ['204', () => new Response(null, { status: 204 })],
    ['tokens under an error status', () => json(tokens, 500)],
    // A gateway's status counts for more than the words in the body.
    ['503 session_not_found', () => json({ code: 'session_not_found', message: 'no' }, 503)],
    ['429 user_banned', () => json({ code: 'user_banned', message: 'no' }, 429)],
  ].map((row) => [...(row as [string, () => Response]), 'unavailable'])

  const conflict: Row[] = [
    ...shapes('conflict', 409, 'Too many concurrent token refresh requests on the same session or refresh token'),
    ['409 without a body', () => new Response(null, { status: 409 })] as [string, () => Response],
  ].map(([name, answer]) => [name, answer, 'conflict'])

  test.each([...final, ...old, ...passing, ...conflict])('%s', async (_, answer, type) => {
    const outcome = (await refreshed(answer)) as Extract<RefreshOutcome, { error: AuthError }>
    expect(outcome.type).toBe(type)
    expect(outcome.error).toBeInstanceOf(AuthError)
    expect(outcome.error.status).toBe(answer().status)
    // Only a session that is over has an error that says so.
    expect(outcome.error.code === 'rejected').toBe(type === 'rejected')
  })

  test('a second factor that is asked for is told to the app, and the session stays', async () => {
    const outcome = await refreshed(() => json({ code: 'insufficient_aal', message: 'AAL2 is required' }, 401))
    expect(outcome).toMatchObject({ type: 'interaction_required', error: { code: 'interaction_required' } })
  })

  test('the network fails', async () => {
    const fail = new TypeError('Failed to fetch')
    expect(await refreshed(() => Promise.reject(fail))).toMatchObject({ type: 'unavailable', error: { cause: fail } })
  })

  test.each([
    ['seconds', '7', 7_000],
    ['a date', new Date(now + 90_000).toUTCString(), 90_000],
  ])('Retry-After in %s is handed on', async (_, value, ms) => {
    const limit = () => json({ code: 'over_request_rate_limit', message: 'slow' }, 429, { 'Retry-After': value })
    expect(await errorOf(limit)).toMatchObject({ code: 'unavailable', retryAfter: ms })
  })

  test('the error has the words and the code of the server, whatever the shape', async () => {
    for (const [, answer] of shapes('session_expired', 400, 'Invalid Refresh Token: Session Expired'))
      expect(await errorOf(answer)).toMatchObject({
        status: 400,
        serverCode: 'session_expired',
        message: 'Invalid Refresh Token: Session Expired',
      })
    expect(await errorOf(oauth('invalid_grant', 'Invalid Refresh Token: Already Used'))).toMatchObject({
      serverCode: 'invalid_grant',
      message: 'Invalid Refresh Token: Already Used',
    })
  })
})
