import { expect, test } from 'vitest'
import { createMockAuth } from '../../../../src/testing/auth-server/index.ts'
import { read, version } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const path = '/token?grant_type=refresh_token'
const unknown = { refresh_token: 'aaaaaaaaaaaa' }
const message = 'Invalid Refresh Token: Refresh Token Not Found'

test('R40: without a version header errors come in the legacy shape', async () => {
  const { client } = server()
  const { status, body, headers } = await client.post(path, unknown, {})
  expect(status).toBe(400)
  expect(body).toEqual({ code: 400, error_code: 'refresh_token_not_found', msg: message })
  expect(headers.get('x-sb-error-code')).toBe('refresh_token_not_found')
  expect(headers.has('X-Supabase-Api-Version')).toBe(false)
})

test.each(['2023-12-31', 'garbage', '', '2024-1-1', '2024-13-01', '2024-01-01T00:00:00Z'])(
  'R41: version %j is the legacy shape',
  async (value) => {
    const { client } = server()
    const { body, headers } = await client.post(path, unknown, { 'X-Supabase-Api-Version': value })
    expect([body.error_code, headers.get('X-Supabase-Api-Version')]).toEqual(['refresh_token_not_found', null])
  },
)

test.each(['2024-01-01', '2025-06-01'])(
  'R41: version %j is the new shape, and is answered with 2024-01-01',
  async (value) => {
    const { client } = server()
    const { body, headers } = await client.post(path, unknown, { 'X-Supabase-Api-Version': value })
    expect(body).toEqual({ code: 'refresh_token_not_found', message })
    expect(headers.get('X-Supabase-Api-Version')).toBe('2024-01-01')
    expect(headers.get('x-sb-error-code')).toBe('refresh_token_not_found')
  },
)

test('0.3: the version is named with errors only', async () => {
  const { client } = server()
  expect((await client.signIn()).headers.has('X-Supabase-Api-Version')).toBe(false)
})

test('0.4: a weak password is named in a header in the legacy shape only', async () => {
  const { client } = server()
  const body = { email: 'b@example.test', password: '1' }
  const legacy = await client.post('/signup', body, {})
  expect(legacy.body).toMatchObject({ code: 422, error_code: 'weak_password', weak_password: { reasons: ['length'] } })
  expect(legacy.headers.get('x-sb-error-code')).toBe('weak_password')
  const now = await client.post('/signup', body)
  expect(now.body).toMatchObject({ code: 'weak_password', weak_password: { reasons: ['length'] } })
  expect(now.headers.has('x-sb-error-code')).toBe(false)
})

test('0.4: an error of the server has an id in the legacy shape only', async () => {
  const { client, mock } = server()
  const unexpected = 'Unexpected failure, please check server logs for more information'
  mock.faults.next('refresh', { type: 'status', status: 500 }, 2)
  const legacy = (await client.post(path, unknown, {})).body
  expect(legacy).toEqual({ code: 500, error_code: 'unexpected_failure', msg: unexpected, error_id: expect.any(String) })
  expect((await client.post(path, unknown)).body).toEqual({ code: 'unexpected_failure', message: unexpected })
})

test('0.3: an answer is JSON of one line, and is called nothing else', async () => {
  const response = await createMockAuth().fetch('/auth/v1/health')
  expect(response.headers.get('Content-Type')).toBe('application/json')
  expect(await response.text()).toMatch(/^\{"version":"v[\d.]+","name":"GoTrue","description":"[^\n]+"\}$/)
})

test('1.12: the settings tell what is on', async () => {
  const settings = async (options = {}) => (await server(options).client.call('GET', '/settings')).body
  const normal = await settings()
  expect(Object.keys(normal.external)).toHaveLength(26)
  expect(normal).toMatchObject({
    external: { email: true, anonymous_users: false, phone: false, google: false },
    disable_signup: false,
    mailer_autoconfirm: true,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
    saml_private_key_next_configured: false,
    passkeys_enabled: false,
  })
  const other = { signUps: false, autoConfirm: false, anonymousSignIns: true, emailLogins: false }
  expect(await settings(other)).toMatchObject({
    external: { email: false, anonymous_users: true },
    disable_signup: true,
    mailer_autoconfirm: false,
  })
})

test.each(['/nowhere', '/nowhere/else', '/token/', '/logout/', '/user2', '/'])(
  'G03, 0.1: %s is nothing',
  async (path) => {
    const answer = await server().client.call('GET', path)
    expect([answer.status, answer.body]).toEqual([404, '404 page not found'])
    expect(answer.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
  },
)

test.each([
  ['GET', '/token'],
  ['DELETE', '/signup'],
  ['GET', '/logout'],
  ['POST', '/health'],
  ['PATCH', '/settings'],
])('G03: %s %s is not allowed', async (method, path) => {
  const answer = await server().client.call(method, path)
  expect([answer.status, answer.body]).toEqual([405, ''])
})

test('G03: under /user and /admin it is asked first who is there', async () => {
  const { client } = server()
  const { access_token: token } = (await client.signIn()).body
  const status = async (method: string, path: string, bearer?: string) =>
    (await client.call(method, path, bearer === undefined ? {} : { token: bearer })).status
  expect([await status('DELETE', '/user'), await status('DELETE', '/user', token)]).toEqual([401, 405])
  expect([await status('GET', '/user/nothing'), await status('GET', '/user/nothing', token)]).toEqual([401, 404])
  expect([await status('GET', '/admin/nothing'), await status('GET', '/admin/nothing', token)]).toEqual([401, 403])
})

test.each(['/signup/', '/user/', '/verify/', '/factors/', '/admin/users/'])(
  '0.1: %s is the same with a slash at its end',
  async (path) => {
    const { client } = server()
    const method = /signup|verify|factors/.test(path) ? 'POST' : 'GET'
    const [bare, slashed] = [await client.call(method, path.slice(0, -1)), await client.call(method, path)]
    expect([slashed.status, slashed.body]).toEqual([bare.status, bare.body])
    expect(slashed.status).not.toBe(404)
  },
)

test('0.1: the prefix may be left out', async () => {
  const mock = createMockAuth()
  const body = JSON.stringify({ email: 'ada@example.test', password: 'correct-horse' })
  const answer = await read(await mock.fetch('/token?grant_type=password', { method: 'POST', headers: version, body }))
  expect(answer.status).toBe(200)
  expect((await mock.fetch('/nowhere')).status).toBe(404)
})
