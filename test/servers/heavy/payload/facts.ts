import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: false,
    secondUse: null,
    forgives: null,
    survivesSecondUse: true,
    parallel: 'all',
    parallelSurvived: true,
    malformed: '403 You are not allowed to perform this action.',
    missing: '403 You are not allowed to perform this action.',
    retryAfter: false,
  },
  api: {
    expired: '403 You are not allowed to perform this action.',
    malformed: '403 You are not allowed to perform this action.',
    missing: '403 You are not allowed to perform this action.',
  },
  life: {
    at: 'exp',
    unit: 's',
  },
  cookies: ['payload-token; HttpOnly; SameSite=Lax; Path=/; kept'],
  cors: {
    page: 'the same',
    stranger: null,
    credentials: true,
  },
  signOut: {
    answer: '200 Logout successful.',
    withExpired: '400 No User',
    endsAccess: true,
    endsRefresh: true,
    endsRefreshWithExpired: true,
  },
}
