export {
  createSessionClient,
  type MadeSession,
  type NewSession,
  type SessionClient,
  type SessionClientOptions,
  type ValidSession,
} from './client/create-session-client.ts'
export type { CacheOptions } from './client/validation-cache.ts'
export type { Clock } from './contract/clock.ts'
export { isSessionServiceError, SessionServiceError, type SessionServiceErrorCode } from './contract/errors.ts'
export type { Log, LogEntry } from './contract/log.ts'
export type { Lifetimes, Metadata, Session, UserId } from './contract/session.ts'
export { createSessionService, type SessionService } from './create-session-service.ts'
export type { Rate } from './handler/rate-limit.ts'
export { fixedKeys, type KeySource, type KeyText } from './keys/key-source.ts'
export { type SecretsServiceOptions, secretsService } from './keys/secrets-service.ts'
export type { Rates, SessionServiceOptions } from './options.ts'
export type { Environment } from './serving/environment.ts'
export { type ServedSessions, type ServeSessionsOptions, serveSessions } from './serving/serve-sessions.ts'
export { memoryStore } from './stores/memory/memory-store.ts'
export { type PostgresStoreOptions, postgresStore } from './stores/postgres/postgres-store.ts'
export { type RedisStoreOptions, redisStore } from './stores/redis/redis-store.ts'
export type { Created, Once, SessionStore } from './stores/store.ts'
