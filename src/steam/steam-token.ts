import { misuse } from '../core/errors.ts'

/** What Steam made a token for. `client` tokens are renewed only inside of Steam's own connection, which this kit does not speak. */
export type SteamPlatform = 'web' | 'mobile'

/** What a Steam JWT says of itself. It is decoded, not verified. Times in seconds since 1970, by Steam's clock. */
export interface SteamToken {
  readonly steamId: string | null
  readonly use: 'refresh' | 'access'
  readonly platform: SteamPlatform | 'client' | null
  /** `jti`: names the token. Not a secret. */
  readonly id: string | null
  readonly issuedAt: number | null
  readonly endsAt: number | null
}

/** A refresh token has the audience `derive`; an access token never has. */
export function readSteamToken(token: string): SteamToken {
  const { aud, sub, jti, iat, exp } = claimsOf(token)
  const audience = [aud ?? []].flat().map(String)
  // Such as `web:store`.
  const parts = audience.map((name) => name.split(':')[0])
  const platform = (['mobile', 'client', 'web'] as const).find((name) => parts.includes(name)) ?? null
  return {
    steamId: typeof sub === 'string' ? sub : null,
    use: audience.includes('derive') ? 'refresh' : 'access',
    platform,
    id: typeof jti === 'string' ? jti : null,
    issuedAt: Number.isFinite(iat) ? (iat as number) : null,
    endsAt: Number.isFinite(exp) ? (exp as number) : null,
  }
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return claims instanceof Object ? claims : {}
  } catch {
    return {}
  }
}

export interface Expected {
  readonly steamId: string
  readonly platform?: SteamPlatform | undefined
}

/**
 * Refuses, before anything is sent, what is no refresh token, is another account's, or cannot be renewed here.
 * @throws AuthError `misconfigured`; it never quotes the token
 */
export function checkRefreshToken(
  token: unknown,
  { steamId, platform }: Expected,
): SteamToken & { readonly platform: SteamPlatform } {
  const facts = typeof token === 'string' ? readSteamToken(token) : null
  if (!facts?.steamId) misuse('Steam: this is no refresh token. One is a JWT, of three parts with dots between them.')
  if (facts.use !== 'refresh')
    misuse('Steam: this is an access token. A refresh token is needed: its audience (aud) holds "derive".')
  if (facts.steamId !== steamId)
    misuse(`Steam: this refresh token is of account ${facts.steamId}, and the session is of ${steamId}.`)
  if (facts.platform !== 'web' && facts.platform !== 'mobile')
    misuse(
      `Steam: unsupported for this platform (${facts.platform ?? 'unknown'}): such a token is renewed only inside of ` +
        "Steam's own client. Sign in as a web browser or as the mobile app.",
    )
  if (platform && platform !== facts.platform)
    misuse(
      `Steam: unsupported for this platform: platform is '${platform}', and this is a token for '${facts.platform}'. ` +
        'Steam gives new access tokens to mobile ones only; a web token gives cookies by transfers, and lasts until it ends.',
    )
  return facts as SteamToken & { readonly platform: SteamPlatform }
}
