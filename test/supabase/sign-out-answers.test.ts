import { AuthError } from 'keyturn'
import { describe, expect, test } from 'vitest'
import { answering, html, json, refresh } from '../backends/server.ts'
import { rejection } from '../http/stage.ts'
import { anonKey, backend, tokens } from './project.ts'

describe('what a sign-out without a 204 means', () => {
  const held = { accessToken: 'access-1', refreshToken: 'refresh-1' }
  const ended = () => new Response(null, { status: 204 })
  const expired = () => json({ code: 'bad_jwt', message: 'token is expired' }, 403)
  const gone = () => json({ code: 'refresh_token_not_found', message: 'Refresh Token Not Found' }, 400)

  /** Signs out against a list of answers. */
  async function signOut(
    scope: 'local' | 'global' | 'others',
    answers: (() => Response)[],
    accessToken: string | null,
  ) {
    const { calls, context } = answering(() => (answers.shift() as () => Response)())
    const done = backend.signOut({ ...held, accessToken }, scope, context).then(
      () => 'done',
      (error: AuthError) => error,
    )
    return { result: await done, calls: calls.map(({ url, headers }) => [url.split('/v1')[1], headers.authorization]) }
  }

  test.each([
    ['has run out', 'access-1', 'Bearer access-1'],
    ['is not there', null, `Bearer ${anonKey}`],
  ])('an access token that %s is renewed once more, so that the session ends on the server', async (_, token, sent) => {
    const { result, calls } = await signOut('global', [expired, () => json(tokens), ended], token)
    expect(result).toBe('done')
    expect(calls).toEqual([
      ['/logout?scope=global', sent],
      ['/token?grant_type=refresh_token', `Bearer ${anonKey}`],
      ['/logout?scope=global', 'Bearer access-2'],
    ])
  })

  test('a page for people is no word of the server', async () => {
    const { result } = await signOut('local', [() => html(200)], 'access-1')
    expect(result).toMatchObject({ code: 'unavailable' })
  })

  test('a session that is gone has ended', async () => {
    expect((await signOut('local', [expired, gone], 'access-1')).result).toBe('done')
  })

  test('with it gone, the others have not', async () => {
    expect((await signOut('global', [expired, gone], 'access-1')).result).toMatchObject({ name: 'AuthError' })
  })

  test('the refresh token of a session that goes on is not spent', async () => {
    const { result, calls } = await signOut('others', [expired], 'access-1')
    expect(result).toMatchObject({ serverCode: 'bad_jwt' })
    expect(calls).toHaveLength(1)
  })

  test.each([429, 500, 503])('%s: not confirmed, and nothing else is tried', async (status) => {
    const { result, calls } = await signOut('local', [() => json({ message: 'no' }, status)], 'access-1')
    expect(result).toMatchObject({ name: 'AuthError', code: 'unavailable', status })
    expect(calls).toHaveLength(1)
  })

  test('a server that refuses what it has just handed out is not asked for ever', async () => {
    const { result, calls } = await signOut('local', [expired, () => json(tokens), expired], 'access-1')
    expect(result).toMatchObject({ serverCode: 'bad_jwt' })
    expect(calls).toHaveLength(3)
  })

  test('a renewal that fails in passing is not taken for the end', async () => {
    const { result } = await signOut('local', [expired, () => json({ message: 'no' }, 503)], 'access-1')
    expect(result).toMatchObject({ name: 'AuthError', code: 'unavailable' })
  })
})

test('getUser fails with an error, not with nobody', async () => {
  const { context } = answering(() => json({ code: 'user_not_found', message: 'no' }, 403))
  expect(await rejection(backend.getUser?.('access-1', context) ?? Promise.resolve())).toMatchObject({
    code: 'rejected',
    serverCode: 'user_not_found',
  })
})

test('no error holds a token or the key, even when the server repeats them', async () => {
  const held = { accessToken: 'access-1', refreshToken: 'refresh-1' }
  const secrets = ['access-1', 'refresh-1', 'access-2', 'refresh-2', anonKey]
  const errors: unknown[] = []
  for (const status of [200, 400, 401, 403, 409, 429, 500, 503])
    for (const member of ['message', 'msg', 'error_description', 'error', 'code', 'error_code']) {
      /** Says what it was sent: the key, the bearer and the refresh token. */
      const echo = (first?: () => Response, second?: () => Response) => {
        const { calls, context } = answering(() => {
          const scripted = [first, second][calls.length - 1]
          if (scripted) return scripted()
          const { headers, body } = calls.at(-1) ?? {}
          const sent = (body as { refresh_token?: string } | null)?.refresh_token
          return json({ [member]: `${headers?.apikey} ${headers?.authorization} ${sent}` }, status)
        })
        return context
      }
      const expired = () => json({ code: 'bad_jwt', message: 'token is expired' }, 403)
      errors.push(
        await refresh(backend, echo()).then((outcome) => 'error' in outcome && outcome.error),
        await backend.getUser?.('access-1', echo()).catch((error) => error),
        await backend.signIn({ anonymous: true }, echo()).catch((error) => error),
        await backend.signOut(held, 'others', echo()).catch((error) => error),
        await backend.signOut(held, 'global', echo(expired)).catch((error) => error),
        await backend
          .signOut(
            held,
            'global',
            echo(expired, () => json(tokens)),
          )
          .catch((error) => error),
      )
    }
  const seen = errors
    .filter((error) => error instanceof AuthError)
    .map((error) => `${error} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`)
  expect(seen.length).toBeGreaterThan(200)
  for (const words of seen) for (const secret of secrets) expect(words).not.toContain(secret)
})
