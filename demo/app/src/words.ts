import { isAuthError, type SignedOutReason } from 'keyturn'

/** Why nobody is signed in, for the person in front of the screen. */
export const signedOutWords: Readonly<Record<SignedOutReason, string>> = {
  none: 'Nobody is signed in yet.',
  signed_out: 'You signed out.',
  other_tab: 'You signed out in another tab.',
  idle: 'Nobody used the app for too long',
  rejected: 'The server ended your session. Please sign in again.',
  expired: 'Your session ran out. Please sign in again.',
  storage_lost: 'The cookies of this site were deleted. Please sign in again.',
}

/** A span of time as a clock shows it: 4:05, 1:00:00, or days when there are many. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds >= 2 * 86_400) return `${Math.round(seconds / 86_400)} days`
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'))
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${parts[1]}` : `${Math.floor(seconds / 3600)}:${parts.join(':')}`
}

/** A span of time as people say it. */
export function spoken(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return count(seconds, 'second')
  if (seconds < 90 * 60) return count(Math.round(seconds / 60), 'minute')
  if (seconds < 36 * 3600) return count(Math.round(seconds / 3600), 'hour')
  return count(Math.round(seconds / 86_400), 'day')
}

/** A message as a sentence: servers often leave out the full stop. */
export const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`)

export const count = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? '' : 's'}`

/** What went wrong with a request of the app, without its technical side. */
export function failureWords(error: unknown): string {
  const cause = error instanceof Error && isAuthError(error.cause) ? error.cause : error
  if (isAuthError(cause)) {
    if (cause.code === 'unauthenticated' || cause.code === 'rejected') return 'Your session is over.'
    if (cause.code === 'session_changed') return 'Somebody signed in or out meanwhile.'
    if (cause.code !== 'unavailable') return sentence(cause.message)
  }
  return 'The server is not answering.'
}
