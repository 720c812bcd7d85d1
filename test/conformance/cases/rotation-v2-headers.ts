import { defineCase } from '../case.ts'
import { isStatus, same } from '../expect.ts'
import { allowReuse, interval, intervalPasses, session, v2 } from '../needs.ts'
import type { Target } from '../target.ts'

/** Refreshes `token`; the causes that the server gives for answering a spent one. */
async function causes(server: Target, token: string): Promise<string | null> {
  const { headers } = await isStatus(server.refresh(token), 200)
  return headers.get('sb-auth-refresh-token-reuse-cause')
}

/** Refreshes `count` times. Resolves with the first token, by now spent. */
async function spent(server: Target, count: number): Promise<string> {
  const { refreshToken } = await server.session()
  let token = refreshToken
  for (let turn = 0; turn < count; turn++) token = await server.next(token)
  return refreshToken
}

const base = [session, v2]

/** What the headers of version 2 tell about a refresh. */
export const rotationV2Headers = [
  defineCase('X08a', 'a sign-in tells the counter', base, async ({ session, signIn }) => {
    const { email, password } = await session()
    const { headers } = await isStatus(signIn({ email, password }), 200)
    same(headers.get('sb-auth-refresh-token-counter'), '0', 'counter')
  }),
  defineCase('X08b', 'a refresh tells the counter and that it is no reuse', base, async ({ session, refresh }) => {
    const { headers } = await isStatus(refresh((await session()).refreshToken), 200)
    same(headers.get('sb-auth-refresh-token-counter'), '1', 'counter')
    same(headers.get('sb-auth-refresh-token-reuse'), 'false', 'reuse')
  }),
  defineCase('X08c', 'a lost answer within the interval has two causes', [...base, interval], async (server) => {
    same(await causes(server, await spent(server, 1)), 'concurrent-refresh,fail-to-save', 'causes')
  }),
  defineCase('X08d', 'a lost answer after the interval has one cause', [...base, intervalPasses], async (server) => {
    const token = await spent(server, 1)
    await server.outlastInterval()
    same(await causes(server, token), 'fail-to-save', 'causes')
  }),
  defineCase(
    'X08e',
    'an older token within the interval is a concurrent refresh',
    [...base, interval],
    async (server) => {
      const expected = server.facts.allowReuse ? 'concurrent-refresh,always-allow' : 'concurrent-refresh'
      same(await causes(server, await spent(server, 2)), expected, 'causes')
    },
  ),
  defineCase('X08f', 'an older token after it is allowed', [...base, allowReuse, intervalPasses], async (server) => {
    const token = await spent(server, 2)
    await server.outlastInterval()
    same(await causes(server, token), 'always-allow', 'causes')
  }),
]
