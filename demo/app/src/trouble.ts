import { api } from './auth.ts'

/** The switches of the demo's server. */
export interface Trouble {
  readonly down: boolean
  readonly offline: boolean
  readonly hang: boolean
  /** Life of an access token in seconds. */
  readonly lifetime: number
}

export const SHORT_LIFETIME = 20
export const USUAL_LIFETIME = 600

// These routes belong to the demo, not to the app: `skipAuth` sends them without a token, whatever the session does.
const bare = { skipAuth: true, timeout: 10_000 }
const post = async (route: string, body?: unknown): Promise<Trouble> =>
  (await api.post<Trouble>(`/demo/${route}`, body, bare)).data

/** null: there are no switches, because the demo talks to a real Supabase project. */
export async function readTrouble(): Promise<Trouble | null> {
  const { status, data } = await api.get<Trouble>('/demo', { ...bare, validateStatus: (code) => code < 500 })
  return status === 200 ? data : null
}

export const expireTokens = (): Promise<Trouble> => post('expire')
export const setDown = (on: boolean): Promise<Trouble> => post('down', { on })
export const setOffline = (on: boolean): Promise<Trouble> => post('offline', { on })
export const setHang = (on: boolean): Promise<Trouble> => post('hang', { on })
export const setLifetime = (seconds: number): Promise<Trouble> => post('lifetime', { seconds })

/** How many refreshes the auth server has seen since it started. */
export async function refreshCount(): Promise<number> {
  const { data } = await api.get<{ counts: { refresh: number } }>('/demo/log?last=1', bare)
  return data.counts.refresh
}
