import type { Facts } from '../../harness/facts.ts'

export const bearerFacts: Facts = {
  refresh: {
    rotates: false,
    secondUse: null,
    forgives: null,
    survivesSecondUse: true,
    parallel: 'all',
    parallelSurvived: true,
    malformed: '200 null',
    missing: '200 null',
    retryAfter: false,
  },
  api: {
    expired: '401 Unauthorized',
    malformed: '401 Unauthorized',
    missing: '401 Unauthorized',
  },
  life: { at: 'session.expiresAt', unit: 'date' },
  cookies: ['better-auth.session_token; HttpOnly; SameSite=Lax; Path=/; kept'],
  cors: {
    page: null,
    stranger: null,
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

export const cookieFacts: Facts = {
  refresh: {
    rotates: false,
    secondUse: null,
    forgives: null,
    survivesSecondUse: true,
    parallel: 'all',
    parallelSurvived: true,
    malformed: '200 null',
    missing: '200 null',
    retryAfter: false,
  },
  api: {
    expired: '401 Unauthorized',
    malformed: '401 Unauthorized',
    missing: '401 Unauthorized',
  },
  life: { at: 'session.expiresAt', unit: 'date' },
  cookies: ['better-auth.session_token; HttpOnly; SameSite=Lax; Path=/; kept'],
  cors: {
    page: null,
    stranger: null,
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

export const jwtFacts: Facts = {
  refresh: {
    rotates: false,
    secondUse: null,
    forgives: null,
    survivesSecondUse: true,
    parallel: 'all',
    parallelSurvived: true,
    malformed: '401 UNAUTHORIZED',
    missing: '401 UNAUTHORIZED',
    retryAfter: false,
  },
  api: {
    expired: '401 Unauthorized',
    malformed: '401 Unauthorized',
    missing: '401 Unauthorized',
  },
  life: {
    at: 'exp',
    unit: 's',
  },
  cookies: ['better-auth.session_token; HttpOnly; SameSite=Lax; Path=/; kept'],
  cors: {
    page: null,
    stranger: null,
    credentials: false,
  },
  signOut: {
    answer: '200',
    withExpired: '200',
    endsAccess: false,
    endsRefresh: true,
    endsRefreshWithExpired: true,
  },
}
