import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { createRoutes } from '../../src/session-service/handler/routes.ts'
import { type Call, openService, storeThatMustNotBeAsked } from './harness.ts'

type Schema = Readonly<Record<string, unknown>>
interface Operation {
  readonly operationId: string
  readonly security?: readonly Record<string, unknown>[]
  readonly responses: Readonly<Record<string, Schema>>
}
const document = JSON.parse(
  readFileSync(new URL('../../docs/session-service.openapi.json', import.meta.url), 'utf8'),
) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Follows `$ref`. */
function resolve(schema: unknown): Schema {
  const { $ref } = schema as { $ref?: string }
  if ($ref === undefined) return schema as Schema
  const target = $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((place, name) => (place as Schema)[name], document)
  if (target === undefined) throw new Error(`Nothing at ${$ref}.`)
  return resolve(target)
}

const typeOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value

/** What is wrong with a value: the words of JSON Schema that the document uses. */
function problems(value: unknown, unresolved: unknown, place = '$'): string[] {
  const schema = resolve(unresolved)
  const unknown = Object.keys(schema).filter((word) => !WORDS.has(word))
  if (unknown.length) throw new Error(`The test does not know ${unknown.join(', ')}.`)
  const found: string[] = []
  if (Array.isArray(schema.oneOf)) {
    const fitting = schema.oneOf.filter((option) => problems(value, option, place).length === 0)
    if (fitting.length !== 1) found.push(`${place} fits ${fitting.length} of oneOf`)
  }
  if ('const' in schema && value !== schema.const) found.push(`${place} is not ${schema.const}`)
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) found.push(`${place} is none of enum: ${value}`)
  if (schema.type !== undefined && typeOf(value) !== schema.type) return [...found, `${place} is no ${schema.type}`]
  if (typeof schema.pattern === 'string' && !new RegExp(schema.pattern).test(String(value)))
    found.push(`${place} misses its pattern`)
  if (Array.isArray(value)) for (const item of value) found.push(...problems(item, schema.items, `${place}[]`))
  if (typeOf(value) === 'object' && schema.properties) {
    const fields = value as Schema
    const properties = schema.properties as Schema
    for (const name of (schema.required ?? []) as string[])
      if (!(name in fields)) found.push(`${place}.${name} is missing`)
    for (const [name, inner] of Object.entries(fields))
      if (name in properties) found.push(...problems(inner, properties[name], `${place}.${name}`))
      else if (schema.additionalProperties === false) found.push(`${place}.${name} is too much`)
  }
  return found
}
const WORDS = new Set([
  'oneOf',
  'const',
  'enum',
  'type',
  'pattern',
  'items',
  'properties',
  'required',
  'additionalProperties',
  'minLength',
  'maxLength',
])

/** For each operation a request for each answer that it documents. */
async function requests() {
  const origins = ['https://app.example.test']
  const service = openService(undefined, { selfService: true, origins })
  const [id, ends, rotates, other] = [
    await service.create(7),
    await service.create(7),
    await service.create(7),
    await service.create(7),
  ]
  const once = { 'idempotency-key': 'a-key' }
  await service.post('/session', { user_id: 'once' }, { headers: once })
  await service.post('/session', { user_id: 'gone' }, { headers: { 'idempotency-key': 'gone' } })
  await service.invalidate({ user_id: 'gone' })
  const dead = { session_id: `v1.k1.${'a'.repeat(24)}.${'b'.repeat(43)}` }
  const large = { body: `{"x":"${'x'.repeat(20_000)}"}` }
  const form = { body: 'x', headers: { 'content-type': 'text/plain' } }
  const stranger = { token: null }
  const foreign = { token: id, headers: { origin: 'https://evil.example.test' } }
  const cases: Record<string, Record<string, Call & { query?: string }>> = {
    create: {
      200: { body: { user_id: 7, metadata: { a: 1 } } },
      400: { body: {} },
      401: stranger,
      409: { body: { user_id: 'gone' }, headers: { 'idempotency-key': 'gone' } },
      413: large,
      415: form,
      422: { body: { user_id: 'twice' }, headers: once },
    },
    refresh: {
      200: { body: { session_id: id } },
      400: { body: {} },
      401: { body: dead },
      403: foreign,
      413: large,
      415: form,
    },
    validate: { 200: { headers: { 'x-session-id': id } }, 400: {}, 401: stranger, 403: foreign },
    validateByBody: {
      200: { body: { session_id: id } },
      400: {},
      401: stranger,
      403: { ...foreign, body: { session_id: other } },
      413: large,
      415: form,
    },
    rotate: { 200: { body: { session_id: rotates } }, 400: {}, 401: { body: dead }, 413: large, 415: form },
    list: { 200: { query: '?user_id=7' }, 400: {}, 401: stranger },
    count: { 200: { query: '?user_id=7' }, 400: {}, 401: stranger },
    invalidate: {
      200: { body: { session_id: ends } },
      400: {},
      401: stranger,
      403: { token: id, body: { user_id: 7 } },
      404: { body: dead },
      413: large,
      415: form,
    },
    health: { 200: stranger },
    readiness: { 200: stranger },
    metrics: { 200: {}, 401: stranger },
  }
  return { service, cases, dead }
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
)

describe('the OpenAPI document', () => {
  let asked: Awaited<ReturnType<typeof requests>>
  beforeAll(async () => {
    asked = await requests()
  })

  test.each(operations)('$method $path answers as it says', async ({ path, method, operationId, responses }) => {
    const cases = asked.cases[operationId] ?? {}
    const documented = Object.keys(responses).filter((status) => status !== '503')
    // Each documented answer is asked for, and each that is asked for is documented.
    expect(Object.keys(cases).sort()).toEqual(documented.sort())
    for (const [status, { query = '', ...call }] of Object.entries(cases)) {
      const answer = await asked.service.call(method, path + query, call)
      expect([operationId, answer.status]).toEqual([operationId, Number(status)])
      const content = resolve(responses[status]).content as Record<string, { schema: unknown }>
      const [type, { schema }] = Object.entries(content)[0] ?? ['', { schema: {} }]
      expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type)
      expect(problems(answer.body, schema)).toEqual([])
    }
  })

  test('a session that is not live is as it says', async () => {
    const answer = await asked.service.post('/session/validate', asked.dead)
    expect(answer.body).toEqual({ valid: false })
    expect(problems(answer.body, { $ref: '#/components/schemas/State' })).toEqual([])
  })

  test('what is not ready is as it says', async () => {
    const store = { ...storeThatMustNotBeAsked(), check: () => Promise.reject(new Error('down')) }
    const answer = await openService(store).call('GET', '/readyz')
    expect([answer.status, problems(answer.body, { $ref: '#/components/schemas/Error' })]).toEqual([503, []])
  })

  test('names every route, and no other, with who may call it', () => {
    const routes = createRoutes({} as Parameters<typeof createRoutes>[0])
    const said = operations.filter(({ path }) => path.startsWith('/session'))
    expect(said.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(
      [...routes].flatMap(([path, { methods }]) => methods.map((method) => `${method} ${path}`)).sort(),
    )
    for (const { path, security } of said)
      expect([path, security !== undefined]).toEqual([path, routes.get(path)?.who === 'session'])
  })

  test('notices an answer that is not as it says', () => {
    expect(problems({ session_id: 'x', expires_at: 1.5, more: 1 }, { $ref: '#/components/schemas/Made' })).toHaveLength(
      3,
    )
    expect(problems({}, { $ref: '#/components/schemas/Error' })).toHaveLength(1)
    expect(problems({ valid: true }, { $ref: '#/components/schemas/State' })).toHaveLength(1)
  })
})
