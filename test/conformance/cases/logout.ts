import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { claimsOf, forge } from '../jwt.ts'
import { freshAccount, hs256, jwtSecret, session, time } from '../needs.ts'
import type { Target } from '../target.ts'

const needs = [freshAccount]

/** Two sessions of one user; the first logs out. Which of the two the server still knows. */
async function left(server: Target, scope?: string): Promise<readonly boolean[]> {
  const first = await server.ownSession()
  const second = await server.sessionOf(first)
  await isStatus(server.logout(first.accessToken, scope), 204)
  return known(server, first.accessToken, second.accessToken)
}

async function known(server: Target, ...accessTokens: string[]): Promise<readonly boolean[]> {
  const seen: boolean[] = []
  for (const token of accessTokens) {
    const answer = await server.user(token)
    if (answer.status !== 200) await isError(answer, 403, 'session_not_found')
    seen.push(answer.status === 200)
  }
  return seen
}

/** Logging out: which sessions end. */
export const logout = [
  defineCase('O01a', 'no scope ends all sessions', needs, async (server) => {
    same(await left(server), [false, false], 'sessions left')
  }),
  defineCase('O01b', 'global ends all sessions', needs, async (server) => {
    same(await left(server, 'global'), [false, false], 'sessions left')
  }),
  defineCase('O01c', 'local ends the own session', needs, async (server) => {
    same(await left(server, 'local'), [false, true], 'sessions left')
  }),
  defineCase('O01d', 'others ends all but the own session', needs, async (server) => {
    same(await left(server, 'others'), [true, false], 'sessions left')
  }),
  defineCase('O02', 'an unknown scope', [session], async ({ session, logout }) => {
    const message = 'Unsupported logout scope "foo"'
    await isError(logout((await session()).accessToken, 'foo'), 400, 'validation_failed', message)
  }),
  defineCase('O03', 'an expired token', [session, time(({ tokenLifetime }) => tokenLifetime + 1)], async (server) => {
    const { accessToken } = await server.session()
    await server.wait(server.facts.tokenLifetime + 1)
    await isError(server.logout(accessToken), 403, 'bad_jwt', /token is expired$/)
  }),
  defineCase('O04', 'no token', [], async ({ post }) => {
    await isError(post('/logout', ''), 401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  }),
  defineCase('O05', 'the answer is empty', needs, async ({ ownSession, logout }) => {
    const { text } = await isStatus(logout((await ownSession()).accessToken, 'local'), 204)
    same(text, '', 'body')
  }),
  defineCase('O06', 'a second time the session is gone', needs, async ({ ownSession, logout }) => {
    const { accessToken } = await ownSession()
    await isStatus(logout(accessToken, 'local'), 204)
    const message = 'Session from session_id claim in JWT does not exist'
    await isError(logout(accessToken, 'local'), 403, 'session_not_found', message)
  }),
  defineCase('O07', 'a token without session_id ends all sessions', [...needs, jwtSecret, hs256], async (server) => {
    const first = await server.ownSession()
    const second = await server.sessionOf(first)
    const { session_id: _, ...claims } = claimsOf(first.accessToken)
    await isStatus(server.logout(forge(claims, server.facts.jwtSecret ?? ''), 'local'), 204)
    same(await known(server, first.accessToken, second.accessToken), [false, false], 'sessions left')
  }),
  defineCase('O08', 'the sessions of other users stay', needs, async (server) => {
    const other = await server.ownSession()
    await isStatus(server.logout((await server.ownSession()).accessToken), 204)
    same(await known(server, other.accessToken), [true], 'sessions left')
  }),
  defineCase('O09', 'a body is not looked at', [session], async ({ session, post }) => {
    await isStatus(post('/logout?scope=local', 'not json', { bearer: (await session()).accessToken }), 204)
  }),
]
