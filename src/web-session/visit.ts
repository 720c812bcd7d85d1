import { AuthError, isAuthError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { TokenAnswer } from '../core/types.ts'
import { faultOf } from '../node/keeper/fault.ts'
import { originOf, restoreSession, takeState } from './browser-state.ts'
import type { BrowserLike, ContextLike, PageLike } from './browser-types.ts'
import type { Keep } from './kept.ts'
import { blocked, refused, type SignInLimits, succeeded, tried } from './sign-in-gate.ts'
import type { Seen, SiteCredentials, SiteOptions } from './site.ts'
import { nextCode } from './totp.ts'

/** How long (ms) one visit may take, a sign-in with a second factor included. */
export const LIMIT = 150_000
/** How long (ms) saving may take after that. */
const SALVAGE = 5_000

export interface VisitSetup<Page extends PageLike, User> {
  readonly site: SiteOptions<Page, User>
  readonly origins: readonly string[]
  readonly keep: Keep
  readonly clock: Clock
  readonly limits: Required<SignInLimits>
}

export type Visited<User> =
  | { readonly type: 'read'; readonly answer: TokenAnswer<User> }
  | { readonly type: 'signed_out' }
  /** The hook was called, and the site did not take what it typed. */
  | { readonly type: 'refused'; readonly error: AuthError }
  | { readonly type: 'challenge'; readonly error: AuthError }
  | { readonly type: 'unavailable'; readonly error: AuthError; readonly hint?: boolean }

/**
 * One visit: opens the site with what was saved, looks whether it is signed in, signs in if `credentials` are given, reads the
 * token. **Whatever comes of it, what the browser has by then is saved**, for the site may have replaced its cookies.
 */
export async function visit<Page extends PageLike, User>(
  setup: VisitSetup<Page, User>,
  credentials: SiteCredentials | null,
): Promise<Visited<User>> {
  const { keep, clock } = setup
  // It is the write test, too: a visit whose cookies could not be saved is not made.
  keep.change({ visitedAt: clock.now() })
  return inBrowser(setup, async (page, signal) => {
    const { site } = setup
    const went = await open(page, setup)
    if (went) return went
    let seen = await see(page, setup)
    if (seen === 'signed_out') {
      keep.change({ over: true })
      if (!credentials || !site.signIn) return { type: 'signed_out' }
      const failed = await signIn(page, setup, credentials, signal)
      if (failed) return failed
      seen = await see(page, setup)
      if (seen === 'signed_out')
        return refuse(setup, new AuthError('credentials_rejected', 'The site refused the sign-in.'))
      if (seen === 'signed_in')
        keep.change({ over: false, createdAt: clock.now(), signIns: succeeded(keep.read().signIns) })
    }
    if (typeof seen !== 'string') return { type: 'unavailable', error: seen }
    if (seen === 'challenge') return challenge(setup)
    if (seen !== 'signed_in')
      return { type: 'unavailable', error: odd('shows neither that somebody is signed in nor its sign-in form') }
    keep.change({ over: false, provedAt: clock.now() })
    const answer = await site.read(page)
    if (!answer?.accessToken)
      return { type: 'unavailable', error: odd('is signed in, and read() found no token'), hint: true }
    return { type: 'read', answer }
  })
}

const odd = (what: string): AuthError => new AuthError('unavailable', `The site ${what}.`)

/** Runs with a page of a browser that has the saved state. The state is saved at the end, and the browser closed. */
export async function inBrowser<Page extends PageLike, User, Result>(
  { site, keep, clock }: Pick<VisitSetup<Page, User>, 'site' | 'keep' | 'clock'>,
  run: (page: Page, signal: AbortSignal) => Promise<Result>,
  headless = true,
  limit: number = LIMIT,
): Promise<Result> {
  const { state } = keep.read()
  const late = new AbortController()
  let browser: BrowserLike<Page> | null = null
  let context: ContextLike<Page> | null = null
  const work = async (): Promise<Result> => {
    browser = await site.launch({ headless })
    context = await browser.newContext(state ? { storageState: state.storage } : {})
    await restoreSession(context, state)
    const page = await context.newPage()
    try {
      return await run(page, late.signal)
    } finally {
      keep.change({ state: await takeState(context, state) })
    }
  }
  const timer = clock.setTimeout(() => late.abort(), limit)
  const overdue = new Promise<never>((_, reject) => {
    late.signal.addEventListener('abort', () =>
      reject(new AuthError('unavailable', `The visit took longer than ${limit} ms.`)),
    )
  })
  const salvage = (from: ContextLike<Page>): Promise<void> =>
    new Promise((resolve) => {
      const given = clock.setTimeout(resolve, SALVAGE)
      takeState(from, state)
        .then((taken) => keep.change({ state: taken }))
        .catch(() => {})
        .finally(() => {
          clock.clearTimeout(given)
          resolve()
        })
    })
  try {
    return await Promise.race([work(), overdue])
  } catch (cause) {
    // What hangs may have had new cookies by then.
    if (late.signal.aborted && context) await salvage(context)
    // The text of a browser's error may quote the page, or what was typed into it.
    throw isAuthError(cause)
      ? cause
      : new AuthError('unavailable', 'The visit by the browser failed.', { cause: named(cause) })
  } finally {
    clock.clearTimeout(timer)
    await (browser as BrowserLike<Page> | null)?.close().catch(() => {})
  }
}

/** Its kind, and its first words up to where values may begin. */
const named = (error: unknown): string => `${error}`.split(/[\n"'`]/)[0]?.slice(0, 120) ?? ''

async function open<Page extends PageLike, User>(
  page: Page,
  { site }: VisitSetup<Page, User>,
): Promise<Visited<User> | null> {
  const status = (await page.goto(site.url))?.status() ?? 200
  return status === 429 || status >= 500 ? { type: 'unavailable', error: odd(`answered ${status}`) } : null
}

/** What the page shows; an error where it is of somebody else, such as a hotel's. */
async function see<Page extends PageLike, User>(
  page: Page,
  { site, origins }: VisitSetup<Page, User>,
): Promise<Seen | AuthError> {
  const seen = await site.look(page)
  // After the look, which may have waited for a redirect.
  const origin = originOf(page.url())
  return origin && origins.includes(origin) ? seen : odd(`led to ${origin ?? 'no page'}, which is not among origins`)
}

async function signIn<Page extends PageLike, User>(
  page: Page,
  setup: VisitSetup<Page, User>,
  credentials: SiteCredentials,
  signal: AbortSignal,
): Promise<Visited<User> | null> {
  const { site, keep, clock, limits } = setup
  keep.change({ signIns: tried(keep.read().signIns, limits, clock.now()) })
  const totp = async (): Promise<string> => {
    if (!credentials.totpSecret)
      throw new AuthError('interaction_required', 'The site asks for a second factor, and there is no totpSecret.')
    return nextCode(credentials.totpSecret, keep.read().totpStep, clock, (totpStep) => keep.change({ totpStep }))
  }
  try {
    await site.signIn?.(page, { credentials, totp, signal })
    return null
  } catch (error) {
    if (!isAuthError(error)) throw error
    if (error.code === 'credentials_rejected') return refuse(setup, error)
    if (error.code === 'interaction_required') return challenge(setup, error)
    throw error
  }
}

function refuse<User>({ keep, clock, limits }: Omit<VisitSetup<never, User>, 'site'>, error: AuthError): Visited<User> {
  keep.change({ signIns: refused(keep.read().signIns, limits, faultOf(error), clock.now()) })
  return { type: 'refused', error }
}

function challenge<User>({ keep }: Pick<VisitSetup<never, User>, 'keep'>, given?: AuthError): Visited<User> {
  const error =
    given ?? new AuthError('interaction_required', 'The site shows something that only a person can answer.')
  keep.change({ signIns: blocked(keep.read().signIns, faultOf(error)) })
  return { type: 'challenge', error }
}
