// Renewing tokens: by one tab at a time, no more often than needed, and stored before anybody else may go on.
const REFRESH = 'src/core/refresh.ts'
const COOKIE = 'src/storage/cookie.ts'

export const renewals = [
  {
    id: 'no-read-under-lock',
    mistake: 'Storage is not read again once the lock is held',
    file: REFRESH,
    find: '    await sync()',
    replace: '',
    expected: 'b',
  },
  {
    id: 'no-lock',
    mistake: 'Tabs renew without the lock',
    file: 'src/core/lock.ts',
    find: 'if (!lock || !name) return task()',
    replace: 'return task()',
    expected: 'b',
  },
  {
    id: 'no-single-flight',
    mistake: 'Each caller in a tab starts a refresh of its own',
    file: REFRESH,
    find: 'if (refresher.flight && flyer === who) return refresher.flight',
    replace: '',
    expected: 'b',
  },
  {
    id: 'announced-before-written',
    mistake: 'The lock is released, and the new tokens announced, before they are written',
    file: REFRESH,
    find: 'await kit.renew(',
    replace: 'void kit.renew(',
    expected: 'b',
  },
  {
    id: 'old-token-kept',
    mistake: 'After a refresh the old refresh token is kept',
    file: 'src/core/session.ts',
    find: 'answer.refreshToken || previous.refreshToken',
    replace: 'previous.refreshToken || answer.refreshToken',
    expected: 'b',
  },
  {
    id: 'access-token-first',
    mistake: 'The access token is written before the refresh token',
    file: COOKIE,
    find: 'set(refreshName, refreshToken, expires, safe)',
    replace: 'set(accessName, accessToken, ends, safe); set(refreshName, refreshToken, expires, safe)',
    expected: 'a',
  },
  {
    id: 'stale-record',
    mistake: 'A record is believed that was written with other tokens',
    file: COOKIE,
    find: ' && fits(refreshToken, held.refresh) && fits(accessToken, held.access)',
    replace: '',
    expected: 'e',
  },
  {
    id: 'no-back-off',
    mistake: 'A failing refresh is tried again without a pause',
    file: 'src/core/session.ts',
    find: '(0.5 + random / 2)',
    replace: '0',
    expected: 'g',
  },
  {
    id: 'no-cap-on-sleeps',
    mistake: 'A timer may be set for longer than browsers can count',
    file: 'src/core/alarm.ts',
    find: 'LONGEST_SLEEP = 60_000',
    replace: 'LONGEST_SLEEP = Infinity',
    expected: 'g',
  },
]
