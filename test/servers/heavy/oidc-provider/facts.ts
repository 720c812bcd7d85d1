import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '400 invalid_grant',
    forgives: 0,
    survivesSecondUse: false,
    parallel: 'one',
    parallelSurvived: false,
    malformed: '400 invalid_grant',
    missing: '400 invalid_request',
    retryAfter: false,
  },
  api: {
    expired: '401 invalid_token',
    malformed: '401 invalid_token',
    missing: '401 invalid_token',
  },
  life: {
    at: 'expires_in',
    unit: 's',
  },
  cookies: [
    '_interaction.sig; HttpOnly; SameSite=lax; Path=/interaction/…; kept',
    '_interaction; HttpOnly; SameSite=lax; Path=/interaction/…; kept',
    '_session.sig; HttpOnly; SameSite=lax; Path=/; kept',
    '_session; HttpOnly; SameSite=lax; Path=/; kept',
  ],
  cors: {
    page: 'the same',
    stranger: 'the same',
    credentials: false,
  },
  signOut: {
    answer: '200',
    withExpired: '200',
    endsAccess: true,
    endsRefresh: true,
    endsRefreshWithExpired: true,
  },
}
