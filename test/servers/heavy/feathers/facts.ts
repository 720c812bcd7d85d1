import type { Facts } from '../../harness/facts.ts'

export const facts: Facts = {
  refresh: null,
  api: {
    expired: '401 jwt expired',
    malformed: '401 jwt malformed',
    missing: '401 Not authenticated',
  },
  life: {
    at: 'exp',
    unit: 's',
  },
  cookies: [],
  cors: {
    page: '*',
    stranger: '*',
    credentials: false,
  },
  signOut: {
    answer: '200',
    withExpired: '401 jwt expired',
    endsAccess: false,
    endsRefresh: true,
    endsRefreshWithExpired: true,
  },
}
