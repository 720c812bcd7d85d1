import { AuthError, type AuthErrorCode } from '../core/errors.ts'
import type { RefreshOutcome } from '../core/types.ts'

/** The result codes (EResult) that a session meets, by Steam's own names. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'OK',
  5: 'InvalidPassword',
  8: 'InvalidParam',
  9: 'FileNotFound',
  15: 'AccessDenied',
  16: 'Timeout',
  26: 'Revoked',
  27: 'Expired',
  63: 'AccountLogonDenied',
  65: 'InvalidLoginAuthCode',
  71: 'ExpiredLoginAuthCode',
  84: 'RateLimitExceeded',
  85: 'AccountLoginDeniedNeedTwoFactor',
  88: 'TwoFactorCodeMismatch',
}

export const OK = 1
const ACCESS_DENIED = 15
const OVER = [26, 27]
const FOR_A_PERSON = [5, 63, 65, 71, 85, 88]
const RATE_LIMIT = 84
/** How long (ms) to leave Steam alone after code 84 or a 429 that does not say. */
const LONG_PAUSE = 1_800_000

export type Failed = Exclude<RefreshOutcome<never>, { readonly type: 'renewed' | 'extended' }>

/**
 * What a result code other than OK means for the session. `AccessDenied` is doubted: Steam also says so of a wrong call. A
 * code that nobody has listed here ends nothing.
 */
export function failure(call: string, result: number, words?: string | null): Failed {
  const serverCode = NAMES[result] ?? `EResult ${result}`
  const error = (code: AuthErrorCode, more = '', retryAfter?: number) =>
    new AuthError(code, `${call}: Steam says ${serverCode}${said(words)}.${more}`, {
      serverCode,
      retryAfter,
    })
  const again = ' A refresh token that was used on another machine ends here when it is renewed there. Sign in anew.'
  if (OVER.includes(result)) return { type: 'rejected', error: error('rejected', again) }
  if (result === ACCESS_DENIED) return { type: 'rejected', error: error('rejected', again), doubt: true }
  if (FOR_A_PERSON.includes(result)) return { type: 'interaction_required', error: error('interaction_required') }
  return { type: 'unavailable', error: error('unavailable', '', result === RATE_LIMIT ? LONG_PAUSE : undefined) }
}

/** Steam's own words, unless they may quote a token. */
const said = (words: string | null | undefined): string =>
  words && words.length < 200 && !/\S{40}/.test(words) ? ` (${words})` : ''

/** An answer that is not Steam's: a status, a page, something else. */
export const unusable = (
  call: string,
  { status, retryAfter }: { readonly status: number; readonly retryAfter?: number | undefined },
  what = '',
): Failed => ({
  type: 'unavailable',
  error: new AuthError('unavailable', `${call} answered ${status}${what}.`, {
    status,
    retryAfter: retryAfter ?? (status === 429 ? LONG_PAUSE : undefined),
  }),
})
