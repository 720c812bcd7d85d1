import type { Facts, RefreshFacts, SignOutFacts } from '../../harness/facts.ts'
import type { Fault } from './app.ts'

const refresh: RefreshFacts = {
  rotates: true,
  secondUse: '401 Refresh token is not valid',
  forgives: 0,
  survivesSecondUse: false,
  parallel: 'one',
  parallelSurvived: false,
  malformed: '401 Refresh token is not valid',
  missing: '401 No refresh token',
  retryAfter: false,
}

const signOut: SignOutFacts = {
  answer: '204',
  withExpired: '204',
  endsRefresh: true,
  endsRefreshWithExpired: true,
  endsAccess: false,
}

export const facts: Facts = {
  refresh,
  api: { expired: '401 Unauthorized', malformed: '401 Unauthorized', missing: '401 Unauthorized' },
  life: { at: 'expiresIn', unit: 's' },
  cookies: ['refreshToken; HttpOnly; SameSite=Strict; Path=/auth; kept'],
  cors: { page: 'the same', stranger: "the page's", credentials: true },
  signOut,
}

/** What each mistake changes in the table. */
export const faultyFacts: Readonly<Record<Fault, Facts>> = {
  'no rotation': {
    ...facts,
    refresh: {
      ...refresh,
      rotates: false,
      secondUse: null,
      forgives: null,
      survivesSecondUse: true,
      parallel: 'all',
      parallelSurvived: true,
    },
  },
  'family not ended': { ...facts, refresh: { ...refresh, survivesSecondUse: true, parallelSurvived: true } },
  'no revocation': { ...facts, signOut: { ...signOut, endsRefresh: false, endsRefreshWithExpired: false } },
  'ms for s': { ...facts, life: { at: 'expiresIn', unit: 'ms' } },
  'wildcard CORS with credentials': { ...facts, cors: { page: '*', stranger: '*', credentials: true } },
}
