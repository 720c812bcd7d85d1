import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: {
    rotates: true,
    secondUse: '401 Not signed in',
    forgives: 0,
    survivesSecondUse: false,
    parallel: 'one',
    parallelSurvived: false,
    malformed: '401 Not signed in',
    missing: '401 Not signed in',
    retryAfter: false,
  },
  api: { expired: '401 Not signed in', malformed: '401 Not signed in', missing: '401 Not signed in' },
  life: { at: 'expiresIn', unit: 's' },
  cookies: [
    'accessToken; HttpOnly; SameSite=Strict; Path=/; kept',
    'refreshToken; HttpOnly; SameSite=Strict; Path=/auth; kept',
  ],
  cors: { page: null, stranger: null, credentials: false },
  signOut: {
    answer: '204',
    withExpired: '204',
    endsRefresh: true,
    endsRefreshWithExpired: true,
    endsAccess: false,
  },
}
