import { defineCase } from '../case.ts'
import { different, isError, isStatus, same } from '../expect.ts'
import { frozen, interval, intervalPasses, noInterval, rotation, rotationOff, session, time, v1 } from '../needs.ts'
import type { Session, Target } from '../target.ts'
import { day, invalidRefreshToken, nextSecond, together } from './words.ts'

/** A session that has been refreshed twice. */
async function chain(server: Target): Promise<Session & { t1: string; t2: string; t3: string }> {
  const session = await server.session()
  const t2 = await server.next(session.refreshToken)
  return { ...session, t1: session.refreshToken, t2, t3: await server.next(t2) }
}

const isSpent = (server: Target, token: string) =>
  isError(server.refresh(token), 400, 'refresh_token_already_used', invalidRefreshToken.alreadyUsed)

const base = [session, v1]

/** Version 1: which spent tokens are good for another, and what a reuse that is refused does to the session. */
export const rotationV1 = [
  defineCase('R02', 'the parent of the live token is answered with the live token', base, async (server) => {
    const { refreshToken: t1 } = await server.session()
    const t2 = await server.next(t1)
    same(await server.next(t1), t2, 'refresh_token')
  }),
  defineCase('R03', 'the parent is answered so without a limit of time', [...base, time(day)], async (server) => {
    const { refreshToken: t1 } = await server.session()
    const t2 = await server.next(t1)
    await server.wait(day)
    same(await server.next(t1), t2, 'refresh_token')
  }),
  defineCase('R04', 'the parent is answered so any number of times', base, async (server) => {
    const { refreshToken: t1 } = await server.session()
    const t2 = await server.next(t1)
    for (let turn = 0; turn < 5; turn++) same(await server.next(t1), t2, 'refresh_token')
  }),
  defineCase('R05', 'the grandparent within the interval gets a new token', [...base, interval], async (server) => {
    const { t1, t2, t3 } = await chain(server)
    const t4 = await server.next(t1)
    same([t1, t2, t3].includes(t4), false, 'a token seen before')
  }),
  defineCase('R06', 'a chain that branched leaves the other branch alive', [...base, interval], async (server) => {
    const { t1, t3 } = await chain(server)
    const t4 = await server.next(t1)
    different(await server.next(t3), t4, 'refresh_token')
  }),
  defineCase('R07', 'the grandparent after the interval is refused', [...base, intervalPasses], async (server) => {
    const { t1 } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, t1)
  }),
  defineCase(
    'R08',
    'right after that refusal the formerly live token revives the session',
    [...base, interval, rotation, intervalPasses],
    async (server) => {
      const { t1, t3 } = await chain(server)
      await server.outlastInterval()
      await isSpent(server, t1)
      await isStatus(server.refresh(t3), 200)
    },
  ),
  defineCase(
    'R09',
    'an interval after that refusal nothing revives the session',
    [...base, rotation, time(({ reuseInterval }) => 2 * reuseInterval + 2)],
    async (server) => {
      const { t1, t3 } = await chain(server)
      await server.outlastInterval()
      await isSpent(server, t1)
      await server.outlastInterval()
      await isSpent(server, t3)
    },
  ),
  defineCase(
    'R10',
    'interval 0: every token is spent after a reuse',
    [...base, noInterval, rotation],
    async (server) => {
      const { t1, t2, t3 } = await chain(server)
      for (const token of [t1, t3, t2, t1]) {
        // At the very moment of a use the interval of 0 is not over yet.
        await server.wait(0.001)
        await isSpent(server, token)
      }
    },
  ),
  defineCase(
    'R11',
    'rotation off: a reuse is refused and the live token stays good',
    [...base, rotationOff, intervalPasses],
    async (server) => {
      const { t1, t3 } = await chain(server)
      await server.outlastInterval()
      await isSpent(server, t1)
      await isStatus(server.refresh(t3), 200)
    },
  ),
  defineCase(
    'R12',
    'rotation off: the parent is still answered with the live token',
    [...base, rotationOff],
    async (server) => {
      const { refreshToken: t1 } = await server.session()
      const t2 = await server.next(t1)
      same(await server.next(t1), t2, 'refresh_token')
    },
  ),
  defineCase(
    'R13',
    'the interval slides with each use',
    [...base, interval, time(({ reuseInterval }) => 3 * reuseInterval)],
    async (server) => {
      const { t1 } = await chain(server)
      const seen = new Set<string>()
      for (let turn = 0; turn < 4; turn++) {
        await server.wait(0.7 * server.facts.reuseInterval)
        const branch = await server.next(t1)
        seen.add(branch)
        await server.next(branch)
      }
      same(seen.size, 4, 'different tokens')
    },
  ),
  defineCase('R14', '10 refreshes at once with one token all get the same new one', base, async (server) => {
    const { refreshToken } = await server.session()
    const answers = await together(10, () => server.refresh(refreshToken))
    for (const answer of answers) await isStatus(answer, 200)
    same(new Set(answers.map(({ body }) => body.refresh_token)).size, 1, 'different tokens')
  }),
  defineCase('R15', '10 refreshes at once with a spent parent all get the live token', base, async (server) => {
    const { refreshToken: t1 } = await server.session()
    const t2 = await server.next(t1)
    same(new Set(await together(10, () => server.next(t1))), new Set([t2]), 'refresh_token')
  }),
  defineCase('R50', 'the end of the interval itself is inside', [...base, interval, frozen], async (server) => {
    const { t1 } = await chain(server)
    await server.wait(server.facts.reuseInterval)
    await isStatus(server.refresh(t1), 200)
  }),
  defineCase('R51', 'a millisecond after the interval is outside', [...base, frozen], async (server) => {
    const { t1 } = await chain(server)
    await server.wait(server.facts.reuseInterval + 0.001)
    await isSpent(server, t1)
  }),
  defineCase(
    'R52',
    'after a branch the newest live token counts: its parent gets it at any time',
    [...base, interval, intervalPasses],
    async (server) => {
      const { t1 } = await chain(server)
      const t4 = await server.next(t1)
      await server.outlastInterval()
      same(await server.next(t1), t4, 'refresh_token')
    },
  ),
  defineCase(
    'R53',
    'after a branch the parent of the older live token is spent',
    [...base, interval, intervalPasses],
    async (server) => {
      const { t1, t2 } = await chain(server)
      await server.next(t1)
      await server.outlastInterval()
      await isSpent(server, t2)
    },
  ),
  defineCase(
    'R54',
    'a refused reuse revokes every branch',
    [...base, interval, rotation, time(({ reuseInterval }) => 3 * reuseInterval + 3)],
    async (server) => {
      const { t1, t2, t3 } = await chain(server)
      const t4 = await server.next(t1)
      await server.outlastInterval()
      await isSpent(server, t2)
      await server.outlastInterval()
      for (const token of [t3, t4]) await isSpent(server, token)
    },
  ),
  defineCase('R55', 'a refused reuse does not forgive itself', [...base, rotation, intervalPasses], async (server) => {
    const { t1 } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, t1)
    await isSpent(server, t1)
  }),
  defineCase('R56', 'a refused reuse leaves the access token good', [...base, intervalPasses], async (server) => {
    const { t1, accessToken } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, t1)
    await isStatus(server.user(accessToken), 200)
  }),
  defineCase('R57', 'a refused reuse names user and session', [...base, intervalPasses], async (server) => {
    const { t1, userId, sessionId } = await chain(server)
    await server.outlastInterval()
    const { headers } = await isSpent(server, t1)
    same(headers.get('sb-auth-user-id'), userId, 'sb-auth-user-id')
    same(headers.get('sb-auth-session-id'), sessionId, 'sb-auth-session-id')
  }),
  defineCase('R58', 'a header gives the first five characters of the token', base, async ({ session, refresh }) => {
    const { headers, body } = await isStatus(refresh((await session()).refreshToken), 200)
    same(headers.get('sb-auth-refresh-token-prefix'), body.refresh_token.slice(0, 5), 'prefix')
  }),
  defineCase('R59', 'a refresh moves updated_at of the user', [...base, time(2)], async (server) => {
    const { accessToken, refreshToken } = await server.session()
    const before = (await isStatus(server.user(accessToken), 200)).body.updated_at
    await server.wait(nextSecond)
    const { access_token: renewed } = (await isStatus(server.refresh(refreshToken), 200)).body
    different((await isStatus(server.user(renewed), 200)).body.updated_at, before, 'updated_at')
  }),
]
