import { type Auth, isAuthError } from 'keyturn'

export type Step =
  | { readonly next: 'done' }
  /** The server wants more, and gave this to bring along. */
  | { readonly next: 'code'; readonly ticket: string }
  | { readonly next: 'captcha'; readonly siteKey: string }
  | { readonly next: 'again'; readonly message: string }

/** One step of a sign-in, whichever it is: `{ email, password }` first, `{ ticket, code }` after it. */
export async function signInStep(auth: Auth, credentials: unknown): Promise<Step> {
  try {
    await auth.signIn(credentials)
    return { next: 'done' }
  } catch (error) {
    if (!isAuthError(error)) throw error
    // What the server answered, without the tokens that it may hold.
    const { mfa_ticket: ticket, site_key: siteKey } = (error.answer ?? {}) as Record<string, string | undefined>
    if (ticket) return { next: 'code', ticket }
    if (siteKey) return { next: 'captcha', siteKey }
    return { next: 'again', message: error.message }
  }
}
