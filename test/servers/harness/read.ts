import { jwtDecode } from 'jwt-decode'
import type { Call, Held, Reply, Tokens, ToldLife } from './types.ts'

/** What stands at a path such as `data.access_token`; undefined when there is nothing. */
export const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value)

export const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** Reads tokens at fixed paths of a JSON answer. */
export const tokensAt =
  (access: string, refresh: string | null, life: string | null) =>
  ({ json }: Reply): Tokens => {
    const accessToken = text(at(json, access))
    const value = life ? at(json, life) : undefined
    return {
      access: accessToken,
      refresh: refresh && text(at(json, refresh)),
      life: typeof value === 'number' && life ? { at: life, value } : lifeOf(accessToken),
    }
  }

/** The life that a JWT tells: `exp` − `iat`. */
export function lifeOf(token: string | null): ToldLife | null {
  if (token?.split('.').length !== 3) return null
  const { exp, iat } = jwtDecode(token)
  return exp === undefined || iat === undefined ? null : { at: 'exp', value: exp - iat }
}

/** A GET with the access token. */
export const withBearer =
  (path: string, scheme = 'Bearer') =>
  ({ access }: Held): Call => ({ path, ...bearer(access, scheme) })

export const bearer = (access: string | null, scheme = 'Bearer'): Pick<Call, 'headers'> =>
  access ? { headers: { Authorization: `${scheme} ${access}` } } : {}
