import { send } from '../backends/http.ts'
import type { BackendContext } from '../core/types.ts'
import { type Failed, failure, OK, unusable } from './results.ts'

const SERVICE = 'https://api.steampowered.com/IAuthenticationService'

export interface AppTokens {
  readonly type: 'tokens'
  readonly accessToken: string
  /** Only where Steam has replaced it: the one that was sent is dead then. */
  readonly refreshToken: string | null
}

/**
 * A new access token for a mobile refresh token. With `rotate`, Steam may replace the refresh token as well; whether it does
 * is for Steam to say. Now and then it answers such a wish with nothing at all: then it is asked again without.
 * @throws AuthError `unavailable`
 */
export async function generateAccessToken(
  refreshToken: string,
  steamId: string,
  rotate: boolean,
  context: BackendContext,
): Promise<AppTokens | Failed> {
  const body = new URLSearchParams({ refresh_token: refreshToken, steamid: steamId, renewal_type: rotate ? '1' : '0' })
  const answer = await send({ method: 'POST', url: `${SERVICE}/GenerateAccessTokenForApp/v1/`, body }, context)
  const { ok, headers, json, call } = answer
  if (!ok) return unusable(call, answer)
  // The status is 200 whatever happened; the result stands in a header.
  const result = Number(headers.get('x-eresult') ?? OK)
  if (result !== OK) return failure(call, result, headers.get('x-error_message'))
  const { access_token: access, refresh_token: refresh } = (json.response ?? {}) as Readonly<Record<string, unknown>>
  if (typeof access === 'string' && access)
    return {
      type: 'tokens',
      accessToken: access,
      refreshToken: typeof refresh === 'string' && refresh ? refresh : null,
    }
  return rotate
    ? generateAccessToken(refreshToken, steamId, false, context)
    : unusable(call, answer, ' with an empty response')
}

/** Ends a refresh token at Steam, which wants to see an access token for that. False: it did not say that it is done. */
export async function revokeToken(
  refreshToken: string,
  accessToken: string,
  context: BackendContext,
): Promise<boolean> {
  const PERMANENT = '1'
  const body = new URLSearchParams({ access_token: accessToken, token: refreshToken, revoke_action: PERMANENT })
  const { ok, headers } = await send({ method: 'POST', url: `${SERVICE}/RevokeToken/v1/`, body }, context)
  return ok && Number(headers.get('x-eresult')) === OK
}
