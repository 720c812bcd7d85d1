import { spoil, type Ward, whileFresh } from './ask-refresh.ts'
import type { Client } from './client.ts'
import { says } from './client.ts'
import type { Findings } from './findings.ts'
import { createJar } from './jar.ts'
import type { Settings } from './settings.ts'
import type { Held } from './speak.ts'

const STRANGER = 'https://stranger.example'

/** One session, none spent: the API with an access token of another form, and with none. */
export async function askApi(ward: Ward): Promise<Findings['api']> {
  const { speak, kind, safe } = ward
  const { held } = await speak.signIn()
  const other = (value: string | null): Held => ({
    ...held,
    access: kind.access === 'token' ? value : null,
    jar: kind.access === 'cookie' || value === null ? spoil(ward, held, value).jar : held.jar,
  })
  const malformed = safe(says(await speak.api(other('not-a-token'))))
  return { malformed, missing: safe(says(await speak.api(other(null)))) }
}

const renews = async ({ speak, kind }: Ward, held: Held): Promise<boolean | null> =>
  kind.refresh === 'none' ? null : speak.gave(await speak.refresh(held), kind)

/** One session, which ends: what is still good afterwards? */
export const askSignOut = (ward: Ward): Promise<NonNullable<Findings['signOut']>> =>
  whileFresh(ward, async (held) => ({
    answer: ward.safe(says(await ward.speak.signOut(held))),
    endsAccess: !(await ward.speak.api(held)).ok,
    endsRefresh: not(await renews(ward, held)),
  }))

const not = (value: boolean | null) => (value === null ? null : !value)

/** Two sessions whose access token has run out meanwhile. */
export async function askExpired(
  ward: Ward,
  first: Held,
  second: Held,
  signsOut: boolean,
): Promise<Findings['expired']> {
  const { speak, safe } = ward
  const api = safe(says(await speak.api(first)))
  if (!signsOut) return { api, signOut: null, endsRefresh: null }
  return { api, signOut: safe(says(await speak.signOut(second))), endsRefresh: not(await renews(ward, second)) }
}

/** Two preflights; no session. */
export async function askCors({ origin, base, ...settings }: Settings, client: Client): Promise<Findings['cors']> {
  const { path } = settings.refresh ?? settings.signIn
  const preflight = (from: string) =>
    client.send(
      {
        method: 'OPTIONS',
        path,
        headers: {
          Origin: from,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type',
        },
      },
      createJar(),
    )
  const own = await preflight(origin)
  const foreign = await preflight(STRANGER)
  const allowed = ({ headers }: { headers: Headers }, asked: string) => {
    const value = headers.get('Access-Control-Allow-Origin')
    return value === asked ? 'the same' : value === origin ? "the page's" : value
  }
  return {
    page: allowed(own, origin),
    stranger: allowed(foreign, STRANGER),
    credentials: own.headers.get('Access-Control-Allow-Credentials') === 'true',
  }
}
