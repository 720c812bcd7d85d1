import { expect, test } from 'vitest'
import type { MockAuthOptions } from '../../../../src/testing/auth-server/index.ts'
import { version } from '../auth-client.ts'
import { server } from './supabase-server.ts'

const ofClient = 'apikey,authorization,content-type,x-client-info,x-supabase-api-version'

function preflight(headers: Record<string, string>, options: MockAuthOptions = {}): Promise<Response> {
  const { mock } = server(options)
  return mock.handle(
    new Request('http://auth.test/auth/v1/token?grant_type=refresh_token', { method: 'OPTIONS', headers }),
  )
}

const asked = (method: string, headers?: string): Record<string, string> => ({
  Origin: 'http://app.test',
  'Access-Control-Request-Method': method,
  ...(headers === undefined ? {} : { 'Access-Control-Request-Headers': headers }),
})

test('C01: a preflight for what supabase-js sends is allowed, with what was asked for echoed', async () => {
  const response = await preflight(asked('POST', ofClient))
  expect(response.status).toBe(204)
  expect(Object.fromEntries(response.headers)).toEqual({
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': ofClient,
    'access-control-allow-methods': 'POST',
    'access-control-allow-origin': '*',
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  })
})

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  '5.2: %s is allowed, also without further headers',
  async (method) => {
    const { headers } = await preflight(asked(method))
    expect(headers.get('Access-Control-Allow-Methods')).toBe(method)
    expect(headers.has('Access-Control-Allow-Headers')).toBe(false)
  },
)

test.each([
  ['another header', asked('POST', 'x-other')],
  ['headers out of order', asked('POST', 'content-type,apikey')],
  ['a header twice', asked('POST', 'apikey,apikey')],
  ['upper case', asked('POST', 'Apikey')],
  ['blanks', asked('POST', 'apikey, authorization')],
  ['another method', asked('TRACE')],
  ['no origin', { 'Access-Control-Request-Method': 'POST' }],
])('5.2: a preflight with %s is 204 and allows nothing', async (_name, headers) => {
  const response = await preflight(headers)
  expect(response.status).toBe(204)
  expect([...response.headers.keys()]).toEqual(['vary'])
})

test('5.2: a server without a gateway does not let apikey pass; others can be named', async () => {
  expect(
    (await preflight(asked('POST', ofClient), { corsHeaders: [] })).headers.has('Access-Control-Allow-Origin'),
  ).toBe(false)
  const named = await preflight(asked('POST', 'x-own'), { corsHeaders: ['X-Own'] })
  expect(named.headers.get('Access-Control-Allow-Headers')).toBe('x-own')
})

test.each([
  ['/user', 401],
  ['/health', 200],
  ['/nowhere', 404],
])('C02: the answer of %s to another origin names what its script may read', async (path, status) => {
  const { client } = server()
  const answer = await client.call('GET', path, { headers: { ...version, Origin: 'http://app.test' } })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(answer.headers.get('Access-Control-Allow-Credentials')).toBe('true')
  expect(answer.headers.get('Access-Control-Expose-Headers')).toBe('X-Total-Count, Link, X-Supabase-Api-Version')
  expect(answer.headers.get('Vary')).toBe('Origin')
})

test("5.2: an answer to nobody's origin allows none", async () => {
  const { headers } = await server().client.call('GET', '/health')
  expect(headers.has('Access-Control-Allow-Origin')).toBe(false)
  expect(headers.get('Vary')).toBe('Origin')
})
