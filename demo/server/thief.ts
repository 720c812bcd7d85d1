import type { MockAuth } from '../../src/testing/auth-server/index.ts'
import type { Side } from './traffic.ts'

export interface Thief {
  /** Uses a side's refresh token, which it was given or has copied from the server. False: it is worth nothing. */
  readonly steal: (side: Side, token?: string) => Promise<boolean>
  /** Whether what it has opens anything now. null: it has nothing of that side. */
  readonly holds: (side: Side) => Promise<boolean | null>
  readonly reset: () => void
}

/** Somebody elsewhere who has got hold of a refresh token, and uses it once. */
export function createThief(mock: () => MockAuth, emailOf: Readonly<Record<Side, string>>): Thief {
  const loot = new Map<Side, string>()
  const copied = (side: Side): string | null => {
    const sessions = mock().admin.sessions()
    const theirs = sessions.filter(({ email, live }) => live && email === emailOf[side]).at(-1)
    return theirs ? mock().admin.currentRefreshToken(theirs.id) : null
  }
  const call = (path: string, init: RequestInit): Promise<Response> =>
    mock().fetch(`${mock().origin}/auth/v1/${path}`, { ...init, headers: { apikey: 'demo', ...init.headers } })
  return {
    async steal(side, given) {
      const token = given ?? copied(side)
      if (!token) return false
      const body = JSON.stringify({ refresh_token: token })
      const answer = await call('token?grant_type=refresh_token', { method: 'POST', body })
      if (!answer.ok) return false
      const { access_token: access } = (await answer.json()) as { access_token: string }
      loot.set(side, access)
      return true
    },
    async holds(side) {
      const access = loot.get(side)
      if (!access) return null
      return (await call('user', { headers: { Authorization: `Bearer ${access}` } })).ok
    },
    reset: () => loot.clear(),
  }
}
