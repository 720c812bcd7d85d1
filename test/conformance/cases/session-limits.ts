import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { anyTime, ban, freshAccount, frozen, inactivity, session, single, timebox } from '../needs.ts'
import type { Target } from '../target.ts'
import { invalidRefreshToken } from './words.ts'

const box = (server: Target): number => server.facts.timebox ?? 0
const idle = (server: Target): number => server.facts.inactivity ?? 0
const boxPasses = anyTime(({ timebox }) => (timebox ?? 0) + 1)
const idlePasses = anyTime(({ inactivity }) => (inactivity ?? 0) + 1)
const boxed = [session, timebox, boxPasses]
const idling = [session, inactivity, idlePasses]

/** Two sign-ins of one user, one after the other. */
async function pair(server: Target) {
  const older = await server.ownSession()
  if (server.facts.frozen) await server.wait(1)
  return { older, newer: await server.sessionOf(older) }
}

/** Time-box, inactivity, one session per user. All are looked at when a token is refreshed, and only then. */
export const sessionLimits = [
  defineCase('R31a', 'after its time-box a session cannot be refreshed', boxed, async (server) => {
    const { refreshToken } = await server.session()
    await server.wait(box(server) + 0.5)
    await isError(server.refresh(refreshToken), 400, 'session_expired', invalidRefreshToken.expired)
  }),
  defineCase('R31b', 'after its time-box the access token is still good', boxed, async (server) => {
    const { accessToken } = await server.session()
    await server.wait(box(server) + 0.5)
    await isStatus(server.user(accessToken), 200)
  }),
  defineCase('R31c', 'refreshing does not extend the time-box', boxed, async (server) => {
    const { refreshToken } = await server.session()
    await server.wait(0.6 * box(server))
    const next = await server.next(refreshToken)
    await server.wait(0.6 * box(server))
    await isError(server.refresh(next), 400, 'session_expired', invalidRefreshToken.expired)
  }),
  defineCase('R31d', 'the refusal names user and session', boxed, async (server) => {
    const { refreshToken, userId, sessionId } = await server.session()
    await server.wait(box(server) + 0.5)
    const { headers } = await isError(server.refresh(refreshToken), 400, 'session_expired')
    same(
      [headers.get('sb-auth-user-id'), headers.get('sb-auth-session-id')],
      [userId, sessionId],
      'sb-auth-user-id and sb-auth-session-id',
    )
  }),
  defineCase('R31e', 'the end of the time-box itself is inside', [session, timebox, frozen], async (server) => {
    const { refreshToken } = await server.session()
    await server.wait(box(server))
    await isStatus(server.refresh(refreshToken), 200)
  }),
  defineCase('R30', 'a ban is noticed before the time-box', [...boxed, freshAccount, ban], async (server) => {
    const session = await server.ownSession()
    await server.wait(box(server) + 0.5)
    await server.ban(session)
    await isError(server.refresh(session.refreshToken), 400, 'user_banned')
  }),
  defineCase('R32a', 'a session unused for too long cannot be refreshed', idling, async (server) => {
    const { refreshToken } = await server.session()
    await server.wait(idle(server) + 0.5)
    await isError(server.refresh(refreshToken), 400, 'session_expired', /^Invalid Refresh Token: Session Expired/)
  }),
  defineCase('R32b', 'that refusal says why', idling, async (server) => {
    const { refreshToken } = await server.session()
    await server.wait(idle(server) + 0.5)
    // The time-box is looked at first.
    const boxed = box(server) > 0 && box(server) <= idle(server) + 0.5
    const message = boxed ? invalidRefreshToken.expired : invalidRefreshToken.inactive
    await isError(server.refresh(refreshToken), 400, 'session_expired', message)
  }),
  defineCase('R32c', 'the access token of an unused session is still good', idling, async (server) => {
    const { accessToken } = await server.session()
    await server.wait(idle(server) + 0.5)
    await isStatus(server.user(accessToken), 200)
  }),
  defineCase(
    'R33',
    'a session that is refreshed is not unused',
    [session, inactivity, anyTime(({ inactivity }) => 3 * (inactivity ?? 0))],
    async (server) => {
      let { refreshToken: token } = await server.session()
      for (let turn = 0; turn < (box(server) ? 1 : 3); turn++) {
        await server.wait(0.75 * idle(server))
        token = await server.next(token)
      }
    },
  ),
  defineCase('R34a', 'single: the older session is refused', [freshAccount, single], async (server) => {
    const { older } = await pair(server)
    await isError(server.refresh(older.refreshToken), 400, 'session_expired', invalidRefreshToken.newerLogin)
  }),
  defineCase('R34b', 'single: the newer session is refreshed', [freshAccount, single], async (server) => {
    const { newer } = await pair(server)
    await isStatus(server.refresh(newer.refreshToken), 200)
  }),
  defineCase(
    'R34c',
    'single: the access token of the older session is good',
    [freshAccount, single],
    async (server) => {
      const { older } = await pair(server)
      await isStatus(server.user(older.accessToken), 200)
    },
  ),
  defineCase(
    'R35',
    'single: when the newer one logs out, the older is good',
    [freshAccount, single],
    async (server) => {
      const { older, newer } = await pair(server)
      await isError(server.refresh(older.refreshToken), 400, 'session_expired', invalidRefreshToken.newerLogin)
      await isStatus(server.logout(newer.accessToken, 'local'), 204)
      await isStatus(server.refresh(older.refreshToken), 200)
    },
  ),
  defineCase(
    'R36',
    'single: inactivity is looked at before newer sessions',
    [freshAccount, single, inactivity, idlePasses],
    async (server) => {
      const { older, newer } = await pair(server)
      await server.wait(idle(server) + 0.5)
      const message = invalidRefreshToken.inactive
      await isError(server.refresh(newer.refreshToken), 400, 'session_expired', message)
      await isError(server.refresh(older.refreshToken), 400, 'session_expired', message)
    },
  ),
]
