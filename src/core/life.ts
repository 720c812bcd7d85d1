import type { AuthError } from './errors.ts'
import { lazily } from './lazily.ts'

/** The life of one engine. Its signal is made when somebody first needs it. */
export interface Life {
  readonly signal: () => AbortSignal
  readonly over: () => boolean
  end(why: AuthError): void
}

export function createLife(): Life {
  const controller = lazily(() => new AbortController())
  let over = false
  return {
    signal: () => controller().signal,
    over: () => over,
    end(why) {
      over = true
      controller().abort(why)
    },
  }
}
