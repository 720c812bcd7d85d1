import type { Settings } from '../core/settings.ts'
import type { UserRow } from '../core/users.ts'
import { type Refusal, refuse } from './wire.ts'

/** What a mail is for, by the time that is written down when it is sent. */
export type MailKind = 'confirmationSentAt' | 'recoverySentAt' | 'emailChangeSentAt' | 'reauthenticationSentAt'

export interface Mails {
  /** null: it may be sent. Uses up one of the mails of the hour. `user`: null for somebody who is not there yet. */
  readonly allow: (user: UserRow | null, kind: MailKind) => Refusal | null
}

/** Mails go nowhere, as with a server that has no SMTP; only how many are sent is watched. */
export function createMails(settings: Settings, now: () => number, allowMail: () => boolean): Mails {
  return {
    allow: (user, kind) => {
      const next = (user?.[kind] ?? Number.NEGATIVE_INFINITY) + settings.mailInterval
      if (next > now()) {
        const seconds = Math.floor((next - now()) / 1000)
        const message = `For security purposes, you can only request this after ${seconds} seconds.`
        return refuse(429, 'over_email_send_rate_limit', message)
      }
      if (settings.autoConfirm || allowMail()) return null
      return refuse(429, 'over_email_send_rate_limit', 'email rate limit exceeded')
    },
  }
}

/** Sends a mail, if it may be sent. */
export function sendMail(mails: Mails, user: UserRow, kind: MailKind, now: () => number): Refusal | null {
  const refusal = mails.allow(user, kind)
  if (!refusal) user[kind] = now()
  return refusal
}
