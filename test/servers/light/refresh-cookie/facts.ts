import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '401 Refresh token is not valid',
    forgives: 0,
    survivesSecondUse: false,
    parallel: 'one',
    parallelSurvived: false,
    malformed: '401 Refresh token is not valid',
    missing: '401 No refresh token',
    retryAfter: false,
  },
  api: { expired: '401 Unauthorized', malformed: '401 Unauthorized', missing: '401 Unauthorized' },
  life: { at: 'expiresIn', unit: 's' },
  cookies: ['refreshToken; HttpOnly; SameSite=Strict; Path=/auth; kept'],
  cors: { page: 'the same', stranger: "the page's", credentials: true },
  signOut: {
    answer: '204',
    withExpired: '204',
    endsRefresh: true,
    endsRefreshWithExpired: true,
    endsAccess: false,
  },
}
