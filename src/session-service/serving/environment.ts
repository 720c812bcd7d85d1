import { readFileSync } from 'node:fs'
import { misconfigured } from '../contract/errors.ts'
import { secretsService } from '../keys/secrets-service.ts'
import type { SessionServiceOptions } from '../options.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { postgresStore } from '../stores/postgres/postgres-store.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import type { SessionStore } from '../stores/store.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Settings {
  readonly port: number
  /** Null: all interfaces. */
  readonly host: string | null
  readonly store: SessionStore
  readonly options: SessionServiceOptions
}

const listOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean)

/** Reads what `serve-sessions` is told by its environment. The table is in docs/session-service.md. */
export function readEnvironment(env: Environment): Settings {
  /** A value, or the content of the file that `NAME_FILE` names: so a secret need not stand in the environment. */
  const text = (name: string): string | null => {
    const value = env[name]?.trim()
    const file = env[`${name}_FILE`]?.trim()
    if (value && file) throw misconfigured(`${name} and ${name}_FILE are both set: one of them is enough.`)
    return value || (file ? contentOf(file, `${name}_FILE`) : null)
  }
  const needed = (name: string, what: string): string => {
    const value = text(name)
    if (value === null) throw misconfigured(`${name} is missing: ${what}.`)
    return value
  }
  const whole = (name: string): number | null => {
    const value = text(name)
    if (value !== null && !/^\d{1,10}$/.test(value)) throw misconfigured(`${name} must be a whole number.`)
    return value === null ? null : Number(value)
  }

  const port = whole('PORT') ?? 8002
  if (port > 65_535) throw misconfigured('PORT must be at most 65535.')
  const url = needed('SECRETS_SERVICE_URL', 'the base URL of the service that hands out the signing keys')
  const token = needed('INTERNAL_TOKEN', 'the token for the secrets service, and of the callers')
  const [ttl, maxLifetime, extendFrom] = [
    whole('SESSION_TTL'),
    whole('SESSION_MAX_LIFETIME'),
    whole('SESSION_EXTEND_FROM'),
  ]
  const origins = listOf(text('SELF_SERVICE_ORIGINS') ?? '')
  return Object.freeze({
    port,
    host: text('HOST'),
    store: storeOf(text('REDIS_URL'), text('DATABASE_URL')),
    options: {
      keys: secretsService({ url, token }),
      callers: listOf(text('CALLER_TOKENS') ?? token),
      selfService: origins.length > 0,
      origins,
      logRequests: text('LOG_REQUESTS') === '1',
      ...(ttl === null ? {} : { ttl }),
      ...(maxLifetime === null ? {} : { maxLifetime }),
      ...(extendFrom === null ? {} : { extendFrom }),
    },
  })
}

function storeOf(redis: string | null, postgres: string | null): SessionStore {
  if (redis !== null && postgres !== null)
    throw misconfigured('REDIS_URL and DATABASE_URL are both set: sessions are kept in one place.')
  if (redis !== null) return redisStore({ url: redis })
  return postgres === null ? memoryStore() : postgresStore({ url: postgres })
}

function contentOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw misconfigured(`The file that ${name} names cannot be read.`, cause)
  }
}
