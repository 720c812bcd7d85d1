import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '401 INVALID_CREDENTIALS',
    forgives: 0,
    survivesSecondUse: true,
    parallel: 'race',
    parallelSurvived: null,
    malformed: '401 INVALID_CREDENTIALS',
    missing: '400 INVALID_PAYLOAD',
    retryAfter: false,
  },
  api: {
    expired: '401 TOKEN_EXPIRED',
    malformed: '401 INVALID_CREDENTIALS',
    missing: '401 INVALID_CREDENTIALS',
  },
  life: {
    at: 'data.expires',
    unit: 'ms',
  },
  cookies: [],
  cors: {
    page: 'the same',
    stranger: "the page's",
    credentials: true,
  },
  signOut: {
    answer: '204',
    withExpired: '401 TOKEN_EXPIRED',
    endsAccess: false,
    endsRefresh: true,
    endsRefreshWithExpired: false,
  },
}
