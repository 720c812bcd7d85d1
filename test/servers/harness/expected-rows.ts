import type { Facts, RefreshFacts, SignOutFacts } from './facts.ts'
import type { AuthServer } from './types.ts'

const yes = (value: boolean) => (value ? 'yes' : 'no')
const ended = (goesOn: boolean | null) => (goesOn === null ? 'chance' : goesOn ? 'goes on' : 'ended')

const TOGETHER = { one: 'one is answered', all: 'all are answered', race: 'chance how many are answered' }

function refreshRows(facts: RefreshFacts): Record<string, string> {
  const forgiven =
    facts.forgives === null ? 'for good: nothing is spent' : facts.forgives === 0 ? 'not at all' : `${facts.forgives} s`
  return {
    'Refresh token is replaced at each refresh': yes(facts.rotates),
    ...(facts.secondUse !== null && { 'Refresh token used again': facts.secondUse }),
    'A second use is forgiven': forgiven,
    'Session after a second use': ended(facts.survivesSecondUse),
    'Five refreshes at once': TOGETHER[facts.parallel],
    'Session after them': ended(facts.parallelSurvived),
    'Malformed refresh token': facts.malformed,
    'No refresh token': facts.missing,
    'Retry-After with a refusal': yes(facts.retryAfter),
  }
}

const signOutRows = (facts: SignOutFacts, renews: boolean): Record<string, string> => ({
  'Sign-out': facts.answer,
  ...(renews && { 'It ends what renews the session': yes(facts.endsRefresh) }),
  'It ends the access token': yes(facts.endsAccess),
  'Sign-out with an expired access token': facts.withExpired,
  ...(renews && { 'That ends what renews the session': yes(facts.endsRefreshWithExpired) }),
})

const RENEWS = {
  token: 'a refresh token in the answer',
  cookie: 'a cookie',
  access: 'what opens the API',
  none: 'nothing',
}

/** Every row that the doctor must print of a server, by its table. Where in an answer the tokens are is left out. */
export function expectedRows({ kind }: AuthServer, facts: Facts): Record<string, string> {
  const { refresh, api, life, cookies, cors, signOut } = facts
  const cookieRows = cookies.map((cookie) => {
    const [name, ...what] = cookie.split('; ')
    return [`Cookie ${name}`, what.join('; ')] as const
  })
  return {
    'What opens the API': kind.access === 'token' ? 'an access token in the answer' : 'a cookie',
    'What renews the session': RENEWS[kind.refresh],
    'Life of the access token': life ? `${life.at}, in ${life.unit === 'date' ? 'a date' : life.unit}` : 'not told',
    ...Object.fromEntries(cookieRows),
    'CORS: the page may ask': cors.page ?? 'not told',
    'CORS: a stranger may ask': cors.stranger ?? 'not told',
    'CORS: with cookies': yes(cors.credentials),
    'Retry-After with a refusal': 'no',
    ...(refresh && refreshRows(refresh)),
    'Malformed access token': api.malformed,
    'No access token': api.missing,
    'Expired access token': api.expired,
    ...(signOut ? signOutRows(signOut, kind.refresh !== 'none') : { 'Sign-out': 'there is none' }),
    'Clock of the server': 'as here',
  }
}
