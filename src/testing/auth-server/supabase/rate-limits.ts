import type { IncomingRequest } from '../core/http.ts'
import type { MockRateLimits } from '../core/options.ts'

/** Everything that has a bucket of its own. */
export type LimitedCall =
  | 'token'
  | 'web3'
  | 'signup'
  | 'anonymous'
  | 'user'
  | 'otp'
  | 'magiclink'
  | 'recover'
  | 'resend'
  | 'verify'

export interface RateLimits {
  /** Takes one from the caller's bucket; false if it is empty. */
  readonly allow: (call: LimitedCall, request: IncomingRequest) => boolean
  /** The same for a mail, to whomever. */
  readonly allowMail: () => boolean
}

/** A bucket that holds at most `burst` and gets `rate` back a second. */
interface Refill {
  readonly rate: number
  readonly burst: number
}

/** `now` in ms. */
export function createRateLimits(
  limits: MockRateLimits | undefined,
  mailsPerHour: number,
  now: () => number,
): RateLimits {
  const buckets = new Map<string, { level: number; at: number }>()

  function take(name: string, { rate, burst }: Refill): boolean {
    const time = now()
    const bucket = buckets.get(name) ?? { level: burst, at: time }
    bucket.level = Math.min(burst, bucket.level + ((time - bucket.at) / 1000) * rate)
    bucket.at = time
    buckets.set(name, bucket)
    if (bucket.level < 1) return false
    bucket.level -= 1
    return true
  }

  return {
    allow: (call, request) => {
      if (!limits) return true
      const caller = request.headers.get(limits.header)?.split(',')[0]?.trim() ?? ''
      return caller === '' || take(`${call} ${caller}`, refillOf(call, limits))
    },
    allowMail: () => take('mail', { rate: mailsPerHour / 3600, burst: mailsPerHour }),
  }
}

function refillOf(call: LimitedCall, limits: MockRateLimits): Refill {
  const { token = 150, otp = 30, verify = 30, anonymous = 30 } = limits
  if (call === 'anonymous') return { rate: anonymous / 3600, burst: anonymous }
  const per5Minutes = call === 'token' ? token : call === 'verify' ? verify : call === 'web3' ? 30 : otp
  return { rate: per5Minutes / 300, burst: 30 }
}
