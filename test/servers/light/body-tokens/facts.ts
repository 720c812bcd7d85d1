import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '403 Invalid refresh token',
    forgives: 0,
    survivesSecondUse: true,
    parallel: 'one',
    parallelSurvived: true,
    malformed: '403 Invalid refresh token',
    missing: '401 Refresh token required',
    retryAfter: false,
  },
  api: {
    expired: '403 Invalid or expired token',
    malformed: '403 Invalid or expired token',
    missing: '401 Access token required',
  },
  life: { at: 'exp', unit: 's' },
  cookies: [],
  cors: { page: 'the same', stranger: "the page's", credentials: false },
  signOut: {
    answer: '204',
    withExpired: '204',
    endsRefresh: true,
    endsRefreshWithExpired: true,
    endsAccess: false,
  },
}
