import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '400 invalid_grant',
    forgives: 0,
    survivesSecondUse: true,
    parallel: 'one',
    parallelSurvived: true,
    malformed: '400 invalid_grant',
    missing: '400 invalid_request',
    retryAfter: false,
  },
  api: {
    expired: '401 invalid_token',
    malformed: '401 invalid_token',
    missing: '401 unauthorized_request',
  },
  life: {
    at: 'expires_in',
    unit: 's',
  },
  cookies: [],
  cors: {
    page: null,
    stranger: null,
    credentials: false,
  },
  signOut: null,
}
