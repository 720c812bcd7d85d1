import { misuse } from '../core/errors.ts'
import type { MaybePromise, TokenAnswer } from '../core/types.ts'
import type { Launch, PageLike } from './browser-types.ts'

/**
 * What a page shows.
 *
 * - `signed_in`: proof that somebody is: an element that only they see, an answer of the API.
 * - `signed_out`: proof that nobody is: the sign-in form.
 * - `challenge`: something for a person: a captcha, a locked account, a second factor that nobody here has.
 * - `unknown`: anything else, such as an error page. It says nothing about the session.
 */
export type Seen = 'signed_in' | 'signed_out' | 'challenge' | 'unknown'

/** What the sign-in hook types in. Whoever keeps a password beside a TOTP secret has one factor, not two. */
export interface SiteCredentials {
  readonly username: string
  readonly password: string
  /** Base32, as the site shows it beside its QR code. */
  readonly totpSecret?: string
}

export interface SignInContext {
  readonly credentials: SiteCredentials
  /**
   * The next code of the second factor: never one twice, never one that is about to end; so it may take up to a minute.
   * Without a `totpSecret` a person is asked for.
   */
  readonly totp: () => Promise<string>
  /** Aborts when the visit has had its time. */
  readonly signal: AbortSignal
}

/** A site, as far as its sessions go. `Page` is Playwright's. */
export interface SiteOptions<Page extends PageLike, User = unknown> {
  /** The page to open: one that tells whether somebody is signed in, and makes the site hand out its token. */
  readonly url: string
  /** Where the browser may end up: elsewhere nothing is judged, read or typed. Default: the origin of `url`. */
  readonly origins?: readonly string[]
  /** Starts a browser. @example ({ headless }) => chromium.launch({ headless }) */
  readonly launch: Launch<Page>
  /** Tells what a page shows. It may wait for something to appear. */
  readonly look: (page: Page) => MaybePromise<Seen>
  /** Reads the token, and its life or the user where the page tells. A JWT tells its life itself. */
  readonly read: (page: Page) => MaybePromise<TokenAnswer<User>>
  /**
   * Signs in by the page, from its sign-in form on. Called only when the saved session is over, and not more often than
   * `limits` say. An `AuthError` `credentials_rejected` or a page that still shows the form counts as a refused password. Default:
   * a person signs in.
   */
  readonly signIn?: (page: Page, context: SignInContext) => MaybePromise<unknown>
  /** Signs out on the site by the page, so that a stolen copy of the saved state is worth nothing. Default: it is only forgotten here. */
  readonly signOut?: (page: Page) => MaybePromise<unknown>
}

/** @throws AuthError `misconfigured` */
export function checkSite<Page extends PageLike, User>(site: SiteOptions<Page, User>): readonly string[] {
  const { url, launch, look, read } = site ?? {}
  for (const [name, value] of Object.entries({ launch, look, read }))
    if (typeof value !== 'function') misuse(`A web session needs ${name}: a function.`)
  if (!URL.canParse(url) || !/^https?:/.test(url)) misuse('A web session needs url: the full address of a page.')
  const { origins = [new URL(url).origin] } = site
  const good =
    Array.isArray(origins) && origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin)
  if (!good || !origins.includes(new URL(url).origin))
    misuse("origins must be a list such as ['https://app.example.com'], with the origin of url among them.")
  return origins
}
