import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: false,
    secondUse: null,
    forgives: null,
    survivesSecondUse: true,
    parallel: 'all',
    parallelSurvived: true,
    malformed: '401 No session',
    missing: '401 No session',
    retryAfter: false,
  },
  api: { expired: '401 No session', malformed: '401 No session', missing: '401 No session' },
  life: { at: 'expiresIn', unit: 's' },
  cookies: ['XSRF-TOKEN; SameSite=Strict; Path=/; session', 'sid; HttpOnly; SameSite=Lax; Path=/; kept'],
  cors: { page: null, stranger: null, credentials: false },
  signOut: {
    answer: '204',
    withExpired: '401 No session',
    endsRefresh: true,
    endsRefreshWithExpired: true,
    endsAccess: true,
  },
}
