import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readEnvironment } from '../../src/session-service/serving/environment.ts'

const NEEDED = { SECRETS_SERVICE_URL: 'http://secrets:8001', INTERNAL_TOKEN: 'an-internal-token' }
const folder = mkdtempSync(join(tmpdir(), 'keyturn-env-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

test('what is needed is enough: port 8002, memory, and the internal token opens the service', () => {
  const { port, host, store, options } = readEnvironment(NEEDED)
  expect([port, host, store.name, options.callers, options.selfService]).toEqual([
    8002,
    null,
    'memory',
    ['an-internal-token'],
    false,
  ])
})

test('REDIS_URL and DATABASE_URL choose the store', () => {
  expect(readEnvironment({ ...NEEDED, REDIS_URL: 'redis://127.0.0.1' }).store.name).toBe('Redis')
  expect(readEnvironment({ ...NEEDED, DATABASE_URL: 'postgres://u:p@127.0.0.1/db' }).store.name).toBe('PostgreSQL')
})

test('caller tokens of their own replace the internal one, several at once', () => {
  const { options } = readEnvironment({ ...NEEDED, CALLER_TOKENS: 'the-older-caller-token, the-newer-caller-token' })
  expect(options.callers).toEqual(['the-older-caller-token', 'the-newer-caller-token'])
})

test('every secret can come from a file instead of the environment', () => {
  const { options, store } = readEnvironment({
    SECRETS_SERVICE_URL: NEEDED.SECRETS_SERVICE_URL,
    INTERNAL_TOKEN_FILE: file('internal', 'a-token-from-a-file\n'),
    CALLER_TOKENS_FILE: file('callers', 'the-first-caller-token\nthe-second-caller-token\n'),
    DATABASE_URL_FILE: file('database', 'postgres://user:password@127.0.0.1/db\n'),
  })
  expect(options.callers).toEqual(['the-first-caller-token', 'the-second-caller-token'])
  expect(store.name).toBe('PostgreSQL')
})

test('lifetimes and origins are read', () => {
  const env = {
    SESSION_TTL: '60',
    SESSION_MAX_LIFETIME: '300',
    SESSION_EXTEND_FROM: '0',
    SELF_SERVICE_ORIGINS: 'https://a.test https://b.test',
  }
  expect(readEnvironment({ ...NEEDED, ...env }).options).toMatchObject({
    ttl: 60,
    maxLifetime: 300,
    extendFrom: 0,
    selfService: true,
    origins: ['https://a.test', 'https://b.test'],
  })
})

test.each([
  [{ INTERNAL_TOKEN: '' }, 'INTERNAL_TOKEN is missing'],
  [{ SECRETS_SERVICE_URL: undefined }, 'SECRETS_SERVICE_URL is missing'],
  [{ SECRETS_SERVICE_URL: 'secrets' }, 'SECRETS_SERVICE_URL must be'],
  [{ INTERNAL_TOKEN_FILE: '/somewhere' }, 'both set'],
  [{ INTERNAL_TOKEN: undefined, INTERNAL_TOKEN_FILE: '/not/there' }, 'cannot be read'],
  [{ PORT: '80a' }, 'PORT must be'],
  [{ PORT: '65536' }, 'PORT must be'],
  [{ SESSION_TTL: '1h' }, 'SESSION_TTL must be'],
  [{ REDIS_URL: 'redis://a', DATABASE_URL: 'postgres://a/b' }, 'both set'],
  [{ REDIS_URL: 'http://a' }, 'REDIS_URL must be'],
  [{ DATABASE_URL: 'mysql://a' }, 'DATABASE_URL must be'],
])('the environment %j is refused: %s', (env, message) => {
  expect(() => readEnvironment({ ...NEEDED, ...env })).toThrow(expect.objectContaining({ code: 'misconfigured' }))
  expect(() => readEnvironment({ ...NEEDED, ...env })).toThrow(message)
})

test('no message holds a password', () => {
  expect(() => readEnvironment({ ...NEEDED, DATABASE_URL: 'mysql://user:hunter2@a' })).not.toThrow('hunter2')
})
