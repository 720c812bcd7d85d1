import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import {
  allowReuse,
  frozen,
  interval,
  intervalPasses,
  noInterval,
  reuseRefused,
  rotation,
  rotationOff,
  session,
  sessionKey,
  time,
  v2,
} from '../needs.ts'
import { decode, encode, tamper } from '../refresh-token-v2.ts'
import type { Session, Target } from '../target.ts'
import { day, invalidRefreshToken, nextSecond, together } from './words.ts'

/** A session that has been refreshed twice. */
async function chain(server: Target): Promise<Session & { c0: string; c1: string; c2: string }> {
  const session = await server.session()
  const c1 = await server.next(session.refreshToken)
  return { ...session, c0: session.refreshToken, c1, c2: await server.next(c1) }
}

const isSpent = (server: Target, token: string) =>
  isError(server.refresh(token), 400, 'refresh_token_already_used', invalidRefreshToken.alreadyUsed)
const isNotFound = (server: Target, token: string) =>
  isError(server.refresh(token), 400, 'refresh_token_not_found', invalidRefreshToken.notFound)
const isNotValid = (server: Target, token: string) =>
  isError(server.refresh(token), 400, 'validation_failed', 'Refresh token is not valid')

const base = [session, v2]
const ending = [...base, rotation, reuseRefused, intervalPasses]

/** Version 2: one counter for each session, in a signed token. */
export const rotationV2 = [
  defineCase('X01a', 'the first token: 51 characters, version 0, counter 0', base, async ({ session }) => {
    const { refreshToken } = await session()
    const { version, counter } = decode(refreshToken)
    same([refreshToken.length, version, Number(counter)], [51, 0, 0], 'length, version, counter')
  }),
  defineCase('X01b', 'the token names the session and its checksum is right', base, async ({ session }) => {
    const { refreshToken, sessionId } = await session()
    const token = decode(refreshToken)
    same([token.sessionId, token.isSound], [sessionId, true], 'session and checksum')
  }),
  defineCase('X02', 'a refresh counts on by one', base, async (server) => {
    const { refreshToken } = await server.session()
    same(Number(decode(await server.next(refreshToken)).counter), 1, 'counter')
  }),
  defineCase('X03a', 'the last but one is answered with the last', base, async (server) => {
    const { refreshToken: c0 } = await server.session()
    const c1 = await server.next(c0)
    same(await server.next(c0), c1, 'refresh_token')
  }),
  defineCase(
    'X03b',
    'the last but one is answered so without a limit of time',
    [...base, time(day)],
    async (server) => {
      const { refreshToken: c0 } = await server.session()
      const c1 = await server.next(c0)
      await server.wait(day)
      same(await server.next(c0), c1, 'refresh_token')
    },
  ),
  defineCase(
    'X04',
    'an older token within the interval is answered with the last',
    [...base, interval],
    async (server) => {
      const { c0, c2 } = await chain(server)
      same(await server.next(c0), c2, 'refresh_token')
    },
  ),
  defineCase('X05a', 'an older token after the interval is refused', ending, async (server) => {
    const { c0 } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, c0)
  }),
  defineCase('X05b', 'that refusal ends the session: its last token is not found', ending, async (server) => {
    const { c0, c2 } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, c0)
    await isNotFound(server, c2)
  }),
  defineCase('X05c', 'that refusal ends the session: its access tokens are refused', ending, async (server) => {
    const { c0, accessToken } = await chain(server)
    await server.outlastInterval()
    await isSpent(server, c0)
    await isError(server.user(accessToken), 403, 'session_not_found')
  }),
  defineCase('X05d', 'that refusal is announced in a header', ending, async (server) => {
    const { c0 } = await chain(server)
    await server.outlastInterval()
    same((await isSpent(server, c0)).headers.get('sb-auth-refresh-token-rotated'), 'true', 'rotated')
  }),
  defineCase(
    'X06',
    'rotation off: the refusal leaves the last token good',
    [...base, rotationOff, reuseRefused, intervalPasses],
    async (server) => {
      const { c0, c2 } = await chain(server)
      await server.outlastInterval()
      await isSpent(server, c0)
      await isStatus(server.refresh(c2), 200)
    },
  ),
  defineCase('X07', 'reuse allowed: answered with the last', [...base, allowReuse, intervalPasses], async (server) => {
    const { c0, c2 } = await chain(server)
    await server.outlastInterval()
    same(await server.next(c0), c2, 'refresh_token')
  }),
  defineCase('X09a', 'a wrong signature with a right checksum is not found', base, async (server) => {
    const { refreshToken } = await server.session()
    await isNotFound(server, tamper(refreshToken))
  }),
  defineCase('X09b', 'a token of no session is not found', base, async (server) => {
    await isNotFound(server, encode({ sessionId: '11111111-2222-4333-8444-555555555555', counter: 0n }))
  }),
  defineCase('X09c', 'a wrong checksum is not valid', base, async (server) => {
    const bytes = Buffer.from((await server.session()).refreshToken, 'base64url')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff
    await isNotValid(server, bytes.toString('base64url'))
  }),
  defineCase('X09d', 'another version than 0 is not valid', base, async (server) => {
    const { sessionId } = await server.session()
    await isNotValid(server, encode({ version: 1, sessionId, counter: 0n }))
  }),
  defineCase('X10', 'a counter ahead of the session was not issued here', [...base, sessionKey], async (server) => {
    const { sessionId } = await server.session()
    const token = encode({ sessionId, counter: 7n, key: server.facts.sessionKey ?? new Uint8Array() })
    const message = 'Invalid Refresh Token: Not Issued By This Server'
    await isError(server.refresh(token), 400, 'validation_failed', message)
  }),
  defineCase('X11', '10 refreshes at once with one token all get the same new one', base, async (server) => {
    const { refreshToken } = await server.session()
    const tokens = await together(10, () => server.next(refreshToken))
    same(
      [...new Set(tokens)].map((token) => Number(decode(token).counter)),
      [1],
      'counters',
    )
  }),
  defineCase('X12', 'at counter 128 the token becomes 52 characters long', base, async (server) => {
    let { refreshToken: token } = await server.session()
    const lengths: number[] = []
    for (let count = 1; count <= 130; count++) {
      token = await server.next(token)
      lengths[count] = token.length
    }
    same([lengths[127], lengths[128], lengths[130]], [51, 52, 52], 'lengths at 127, 128 and 130')
  }),
  defineCase(
    'X14',
    'the interval slides with each use',
    [...base, interval, time(({ reuseInterval }) => 3 * reuseInterval)],
    async (server) => {
      const { c0, c2 } = await chain(server)
      for (let turn = 0; turn < 4; turn++) {
        await server.wait(0.7 * server.facts.reuseInterval)
        same(await server.next(c0), c2, 'refresh_token')
      }
    },
  ),
  defineCase('X15', 'the end of the interval itself is outside', [...base, reuseRefused, frozen], async (server) => {
    const { c0 } = await chain(server)
    await server.wait(server.facts.reuseInterval)
    await isSpent(server, c0)
  }),
  defineCase(
    'X16',
    'interval 0: an older token is refused at once',
    [...base, noInterval, reuseRefused],
    async (server) => {
      await isSpent(server, (await chain(server)).c0)
    },
  ),
  defineCase('X17', 'a refresh leaves updated_at of the user alone', [...base, time(2)], async (server) => {
    const { accessToken, refreshToken } = await server.session()
    const before = (await isStatus(server.user(accessToken), 200)).body.updated_at
    await server.wait(nextSecond)
    const { access_token: renewed } = (await isStatus(server.refresh(refreshToken), 200)).body
    same((await isStatus(server.user(renewed), 200)).body.updated_at, before, 'updated_at')
  }),
]
