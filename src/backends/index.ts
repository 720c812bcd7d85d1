// The parts that backends are made of, for a backend of your own and for what is rare in `restBackend`. None of it is in the
// root entry.
export { redact, secretsOf } from '../core/redact.ts'
export { type Failed, type FailureOptions, refreshFailure, signInFailure } from './failure.ts'
export { type HttpAnswer, type HttpRequest, send } from './http.ts'
export { type JudgeOptions, judge, type Verdict } from './judge.ts'
export { type KratosCredentials, type KratosOptions, kratos } from './sessions/kratos.ts'
export type { Ask, AskOptions, SessionCall, SessionFacts, SessionPreset } from './sessions/preset.ts'
export { type SessionBackendOptions, sessionBackend } from './sessions/session-backend.ts'
export { type SessionServiceOptions, sessionService } from './sessions/session-service.ts'
export { type SuperTokensCredentials, type SuperTokensOptions, supertokens } from './sessions/supertokens.ts'
export { date, ms } from './times.ts'
