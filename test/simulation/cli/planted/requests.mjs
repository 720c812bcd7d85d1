// What a request carries, how often it is sent, how long it waits, and what its failure tells.
const ENGINE = 'src/core/create-engine.ts'
const EXCHANGE = 'src/core/exchange.ts'
const POLICY = 'src/core/request-policy.ts'

export const requests = [
  {
    id: 'no-epoch',
    mistake:
      'Signing in or out does not release what is under way: a late answer counts for whoever is signed in by then',
    file: ENGINE,
    find: "identity.abort(why ?? new AuthError('session_changed', 'Somebody signed in or out meanwhile.'))",
    replace: '',
    expected: 'e',
  },
  {
    id: 'repeated-as-another',
    mistake: 'A request is repeated with the token of a user who has signed in meanwhile',
    file: POLICY,
    find: "if (switched) return 'session_changed'",
    replace: '',
    expected: 'e',
  },
  {
    id: 'switch-taken-for-renewal',
    mistake: 'A user switch in another tab is taken for new tokens of the same session',
    file: ENGINE,
    find: "take(next, 'signed_in', 'other_tab')",
    replace: "take(next, 'refreshed', 'other_tab')",
    expected: 'e',
  },
  {
    id: 'old-user-shown',
    mistake: 'After a user switch in another tab the old user is still shown',
    file: ENGINE,
    find: "take(next, 'signed_in', 'other_tab')",
    replace: "take({ ...next, user: mine?.user ?? next.user }, 'signed_in', 'other_tab')",
    expected: 'e',
  },
  {
    id: 'repeated-without-end',
    mistake: 'A 401 is answered by one more repeat, however often there was one',
    file: POLICY,
    find: "if (used === current || repeated) return 'token_refused'",
    replace: '',
    expected: 'g',
  },
  {
    id: 'waits-without-limit',
    mistake: 'A request waits for a new token as long as it takes',
    file: EXCHANGE,
    find: 'Math.min(own, WAIT_LIMIT)',
    replace: 'own',
    expected: 'h',
  },
  {
    id: 'token-to-anybody',
    mistake: 'The token goes to origins that may not see it',
    file: EXCHANGE,
    find: 'if (exchange.skip || !allowed(exchange.url)) return',
    replace: 'if (exchange.skip) return',
    expected: 'j',
  },
  {
    id: 'token-in-axios-error',
    mistake: 'The error of a request shows the headers that were sent',
    file: 'src/axios/attach-auth.ts',
    find: "if ('config' in failure) failure.config = shown",
    replace: '',
    expected: 'j',
  },
  {
    id: 'token-in-error',
    mistake: 'The error of a refresh quotes the refresh token',
    file: 'src/core/refresh.ts',
    find: "({ type: 'unavailable', error }))",
    replace: "({ type: 'unavailable', error: new AuthError('unavailable', 'no answer to ' + refreshToken) }))",
    expected: 'j',
  },
  {
    id: 'token-announced',
    mistake: 'The message to other tabs carries the access token',
    file: ENGINE,
    find: 'if (session) announce(session.id, why)',
    replace: 'if (session) announce(session.accessToken, why)',
    expected: 'j',
  },
]
