import { type Client, createClient } from './client.ts'
import { isStatus } from './expect.ts'
import type { Operator, ServerFacts } from './facts.ts'

/** An operator who works over HTTP: with the service role key, and with an address that moves the server's clock. */
export function createHttpOperator(
  facts: ServerFacts,
  adminKey: string | null,
  timeTravel: string | null,
): { readonly operator: Operator; readonly close: () => Promise<void> } {
  const client = createClient(facts)
  const made: string[] = []
  const operator: Operator = {
    ...(adminKey === null ? {} : admin(client, adminKey, made)),
    ...(timeTravel === null ? {} : { advance: (ms: number) => advance(timeTravel, ms) }),
  }
  return {
    operator,
    close: async () => {
      for (const id of made) await client.send('DELETE', `/admin/users/${id}`, { bearer: adminKey ?? '' })
    },
  }
}

function admin(client: Client, bearer: string, made: string[]): Operator {
  const change = async (id: string, body: unknown): Promise<void> => {
    await isStatus(client.put(`/admin/users/${id}`, body, { bearer }), 200)
  }
  return {
    ban: (id, banned) => change(id, { ban_duration: banned ? '24h' : 'none' }),
    setPassword: (id, password) => change(id, { password }),
    deleteAccount: async (id) => {
      await isStatus(client.send('DELETE', `/admin/users/${id}`, { bearer }), 200)
    },
    createAccount: async ({ email, password }) => {
      const body = { email, password, email_confirm: true }
      made.push((await isStatus(client.post('/admin/users', body, { bearer }), 200)).body.id)
    },
  }
}

async function advance(url: string, ms: number): Promise<void> {
  const { ok, status } = await fetch(url, { method: 'POST', body: JSON.stringify({ ms }) })
  if (!ok) throw new Error(`Time travel failed: ${url} answered ${status}.`)
}
