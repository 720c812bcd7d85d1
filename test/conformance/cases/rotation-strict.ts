import { defineCase } from '../case.ts'
import { isError, isStatus, same } from '../expect.ts'
import { session, strict } from '../needs.ts'
import type { Session, Target } from '../target.ts'
import { together } from './words.ts'

/** A session whose first refresh token has been used twice. */
async function reused(server: Target): Promise<Session & { readonly newest: string }> {
  const session = await server.session()
  const newest = await server.next(session.refreshToken)
  await isError(server.refresh(session.refreshToken), 400, 'refresh_token_already_used')
  return { ...session, newest }
}

const base = [session, strict]

/** A server that forgives nothing. Supabase Auth is not one. */
export const rotationStrict = [
  defineCase('Y01', 'a token can be used once', base, async (server) => {
    await reused(server)
  }),
  defineCase('Y02', 'a reuse ends the session: its newest token is not found', base, async (server) => {
    await isError(server.refresh((await reused(server)).newest), 400, 'refresh_token_not_found')
  }),
  defineCase('Y03', 'a reuse ends the session: its access tokens are refused', base, async (server) => {
    await isError(server.user((await reused(server)).accessToken), 403, 'session_not_found')
  }),
  defineCase('Y04', 'of 10 refreshes at once with one token one succeeds', base, async (server) => {
    const { refreshToken } = await server.session()
    const answers = await together(10, () => server.refresh(refreshToken))
    same(answers.filter(({ status }) => status === 200).length, 1, 'answers with 200')
  }),
  defineCase('Y05', "a reuse leaves the user's other sessions alone", base, async (server) => {
    const other = await server.session()
    await reused(server)
    await isStatus(server.refresh(other.refreshToken), 200)
  }),
]
