import { defineCase } from '../case.ts'
import type { Answer } from '../client.ts'
import { isError, isStatus, same } from '../expect.ts'
import { anonymous, anyTime, freshAccount, rateLimits, session } from '../needs.ts'
import { newCredentials, type Target } from '../target.ts'

const message = 'Request rate limit reached'
const burst = 30
const path = '/token?grant_type=refresh_token'
let visitors = 0

/** Sends from an address of its own, or from one that was used before. */
function from(server: Target, address = `192.0.2.${++visitors}-${newCredentials().password}`) {
  const headers = { [server.facts.rateLimitHeader ?? '']: address }
  return {
    address,
    refresh: (body: unknown = { refresh_token: 'aaaaaaaaaaaa' }) => server.post(path, body, { headers }),
    signIn: () => server.signIn(newCredentials(), { headers }),
    signUp: () => server.post('/signup', { email: 'x', password: 'long-enough' }, { headers }),
    signUpAnonymously: () => server.post('/signup', {}, { headers }),
    change: (bearer: string) => server.put('/user', { app_metadata: {} }, { bearer, headers }),
    user: (bearer: string) => server.user(bearer, { headers }),
  }
}

/** Sends `count` requests one after the other. How many were refused for their number. */
async function refusals(count: number, send: () => Promise<Answer>): Promise<number> {
  let refused = 0
  for (let turn = 0; turn < count; turn++) if ((await send()).status === 429) refused++
  return refused
}

const isLimited = (answer: Promise<Answer>) => isError(answer, 429, 'over_request_rate_limit', message)

/** Token buckets for each address. */
export const rateLimitCases = [
  defineCase('Q01a', '30 requests for a token pass', [rateLimits], async (server) => {
    same(await refusals(burst, from(server).refresh), 0, 'refused')
  }),
  defineCase('Q01b', 'the next one is refused', [rateLimits], async (server) => {
    const { refresh } = from(server)
    await refusals(burst, refresh)
    await isLimited(refresh())
  }),
  defineCase('Q02', 'all grants share', [rateLimits], async (server) => {
    const { refresh, signIn } = from(server)
    await refusals(burst, refresh)
    await isLimited(signIn())
  }),
  defineCase('Q03', 'after 2 s one more passes, and only one', [rateLimits, anyTime(3)], async (server) => {
    const { refresh } = from(server)
    await refusals(burst + 1, refresh)
    await server.wait(2)
    same(await refusals(2, refresh), 1, 'refused of two')
  }),
  defineCase('Q04', 'another address is not touched', [rateLimits], async (server) => {
    await refusals(burst + 1, from(server).refresh)
    await isError(from(server).refresh(), 400, 'refresh_token_not_found')
  }),
  defineCase('Q05', 'only the first of several addresses counts', [rateLimits], async (server) => {
    const { refresh, address } = from(server)
    await refusals(burst, refresh)
    await isLimited(from(server, `${address}, 198.51.100.7`).refresh())
  }),
  defineCase('Q06', 'requests without the header are not limited', [rateLimits], async (server) => {
    same(await refusals(burst + 10, () => server.refresh('aaaaaaaaaaaa')), 0, 'refused')
  }),
  defineCase('Q07', 'the refusal says nothing of when to come back', [rateLimits], async (server) => {
    const { refresh } = from(server)
    await refusals(burst, refresh)
    const { headers } = await isLimited(refresh())
    const told = [...headers.keys()].filter((name) => name === 'retry-after' || name.startsWith('x-ratelimit'))
    same(told, [], 'headers')
  }),
  defineCase('Q08', 'requests that cannot be read count', [rateLimits], async (server) => {
    const { refresh } = from(server)
    await refusals(burst, () => refresh('not json'))
    await isLimited(refresh())
  }),
  defineCase('Q09', 'the limit is noticed before the body', [rateLimits], async (server) => {
    const { refresh } = from(server)
    await refusals(burst, refresh)
    await isLimited(refresh('not json'))
  }),
  defineCase('Q10a', '30 sign-ups pass', [rateLimits], async (server) => {
    same(await refusals(burst, from(server).signUp), 0, 'refused')
  }),
  defineCase('Q10b', 'the next one is refused', [rateLimits], async (server) => {
    const { signUp } = from(server)
    await refusals(burst, signUp)
    await isLimited(signUp())
  }),
  defineCase('Q10c', 'after 10 s one more passes, and only one', [rateLimits, anyTime(11)], async (server) => {
    const { signUp } = from(server)
    await refusals(burst + 1, signUp)
    await server.wait(10)
    same(await refusals(2, signUp), 1, 'refused of two')
  }),
  defineCase('Q11', 'sign-ups and tokens do not share', [rateLimits], async (server) => {
    const { signUp, refresh } = from(server)
    await refusals(burst + 1, refresh)
    await isError(signUp(), 400, 'validation_failed')
  }),
  defineCase('Q12a', '30 anonymous sign-ups pass, the next one is refused', [rateLimits, anonymous], async (server) => {
    const { signUpAnonymously } = from(server)
    same(await refusals(burst, signUpAnonymously), 0, 'refused')
    await isLimited(signUpAnonymously())
  }),
  defineCase(
    'Q12b',
    'after 2 minutes one more passes, and only one',
    [rateLimits, anonymous, anyTime(121)],
    async (server) => {
      const { signUpAnonymously } = from(server)
      await refusals(burst + 1, signUpAnonymously)
      await server.wait(120)
      same(await refusals(2, signUpAnonymously), 1, 'refused of two')
    },
  ),
  defineCase('Q12c', 'anonymous and other sign-ups do not share', [rateLimits, anonymous], async (server) => {
    const { signUp, signUpAnonymously } = from(server)
    await refusals(burst + 1, signUpAnonymously)
    await isError(signUp(), 400, 'validation_failed')
  }),
  defineCase(
    'Q13',
    '30 changes of a user pass, the next one is refused',
    [rateLimits, freshAccount],
    async (server) => {
      const { accessToken } = await server.ownSession()
      const { change } = from(server)
      same(await refusals(burst, () => change(accessToken)), 0, 'refused')
      await isLimited(change(accessToken))
    },
  ),
  ...['/otp', '/magiclink', '/recover', '/resend', '/verify'].map((path) =>
    defineCase(`Q15${path}`, `30 requests to ${path} pass, the next one is refused`, [rateLimits], async (server) => {
      const { address } = from(server)
      const send = () => server.post(path, {}, { headers: { [server.facts.rateLimitHeader ?? '']: address } })
      same(await refusals(burst, send), 0, 'refused')
      await isLimited(send())
    }),
  ),
  defineCase('Q14', 'asking for the user is not limited', [rateLimits, session], async (server) => {
    const { accessToken } = await server.session()
    const { user } = from(server)
    same(await refusals(burst + 10, () => user(accessToken)), 0, 'refused')
    await isStatus(user(accessToken), 200)
  }),
]
