import { AuthError, misuse } from '../core/errors.ts'
import type { Lock, Ports } from '../core/ports.ts'
import type { MaybePromise } from '../core/types.ts'
import { createNodeAuth, type NodeAuth } from '../node/create-node-auth.ts'
import { lockFolder } from '../node/lock/lock-folder.ts'
import { processLock } from '../node/lock/process-lock.ts'
import { systemClock } from '../node/node-ports.ts'
import type { SealKeys } from '../node/sealed/key-ring.ts'
import { sealedBox } from '../node/sealed/sealed-box.ts'
import { sealedFile } from '../node/sealed/sealed-file.ts'
import { earliestEnd, factsOf, type StateFacts } from './browser-state.ts'
import type { PageLike } from './browser-types.ts'
import { type CaptureOptions, capture } from './capture.ts'
import { createKeep, type Kept, NOTHING } from './kept.ts'
import { DEFAULT_LIMITS, NO_SIGN_INS, type SignInLimits } from './sign-in-gate.ts'
import { checkSite, type SiteCredentials, type SiteOptions } from './site.ts'
import { type Arrival, alone, siteBackend } from './site-backend.ts'

export interface WebSessionOptions<Page extends PageLike, User = unknown> extends SiteOptions<Page, User> {
  /** The sealed file of the tokens. What the browser keeps lies beside it, in `<path>.browser`, sealed as well. */
  readonly path: string
  /** As for `sealedFile`. */
  readonly keys: SealKeys
  /** Whose session it is. Default: `default`. */
  readonly profile?: string
  /** True: make the files where there are none. Default: false; then a missing file is an error, and never "nobody is signed in". */
  readonly create?: boolean
  /** What the sign-in hook types in. Default: what `setCredentials` was told. */
  readonly credentials?: () => MaybePromise<SiteCredentials | null>
  /** Of sign-ins by the hook. */
  readonly limits?: SignInLimits
  /** The names of the cookies whose end is the session's. Default: all that have an end. */
  readonly sessionCookies?: readonly string[]
  /** True: keep the token only, and nothing of the browser. Each time it ends a person is asked for. Default: false. */
  readonly manual?: boolean
  /** What a person is told to do when only one can help. Default: `Sign in by hand: npx keyturn capture`. */
  readonly advice?: string
  /** True: timers do not keep the process alive. Default: false; it lives until `auth.close()`. */
  readonly unref?: boolean
  /** Replaces parts of the environment, for tests. */
  readonly ports?: Partial<Ports>
}

/** What may be shown of a web session: counts, names and times in ms since 1970; no value. */
export interface WebSessionFacts extends StateFacts {
  readonly profile: string
  readonly site: string
  /** When somebody last signed in; when the site last proved it; when a browser was last opened. */
  readonly createdAt: number | null
  readonly provedAt: number | null
  readonly visitedAt: number | null
  readonly endsAt: number | null
  /** The site has shown its sign-in form to what is saved. */
  readonly over: boolean
  readonly username: string | null
  /** Refused sign-ins by the hook since the last success, and why it is not called any more. */
  readonly refused: number
  readonly blocked: string | null
  readonly keyIds: readonly string[]
}

export interface WebSession<User = unknown> {
  /** Use it with `createAuthFetch`, and `createKeeper`. `auth.signIn(undefined)` opens the site with what is saved, and looks. */
  readonly auth: NodeAuth<User, Arrival<User>>
  /** Opens a browser for a person, waits until they are signed in, saves its state, and proves that it works without the person. */
  readonly capture: (options?: CaptureOptions) => Promise<void>
  /** When the session's cookies end, in ms since 1970; null: unknown. For the keeper's `endsAt`. */
  readonly endsAt: () => number | null
  readonly inspect: () => WebSessionFacts
  /** Stores what the sign-in hook types in, sealed, and allows it to try again. null: forget. */
  readonly setCredentials: (credentials: SiteCredentials | null) => void
  /** Allows the sign-in hook to try again at once. */
  readonly reset: () => void
  /** Seals both files with the newest key. Returns whether one was sealed with another. */
  readonly reseal: () => boolean
}

/**
 * A session of a site that gives new tokens only to a browser that is signed in. A person signs in once; from then on a headless
 * browser opens the site with the saved state whenever the token runs out, reads the new one, and saves what has changed.
 *
 * For sites and accounts that are yours, or that you may automate. It does not hide that it is a browser under control, solves
 * no captcha, and stops at whatever asks for a person.
 * @throws AuthError `misconfigured`, `storage_failed`
 */
export function createWebSession<Page extends PageLike, User = unknown>(
  options: WebSessionOptions<Page, User>,
): WebSession<User> {
  const origins = checkSite(options)
  const {
    path,
    keys,
    profile = 'default',
    create = false,
    manual = false,
    sessionCookies,
    ports,
    unref = false,
  } = options
  const { advice = 'Sign in by hand: npx keyturn capture' } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  for (const [name, value] of Object.entries(limits))
    if (!(Number.isFinite(value) && value >= 0)) misuse(`limits.${name} must be a number, 0 or more, not ${value}.`)
  const backend = new URL(options.url).origin
  const sealed = { keys, profile, backend }
  const storage = sealedFile({ ...sealed, path, create })
  const box = sealedBox<Kept>({ ...sealed, path: `${path}.browser`, ...(create && { initial: NOTHING }) })
  const keep = createKeep(box)
  const clock = ports?.clock ?? systemClock(unref)
  // Tests without processes have none.
  const lock = ports?.lock === null ? withoutLock : processLock(lockFolder(box.path))
  const credentials = options.credentials ?? (() => keep.read().credentials)
  const setup = { site: options, origins, keep, clock, limits, credentials, lock, advice, manual }
  const auth = createNodeAuth<User, Arrival<User>>({
    backend: siteBackend(setup),
    storage,
    unref,
    // A visit takes seconds, and a sign-in longer: what is not ready by then is joined by the next attempt.
    timeout: 55_000,
    ...(ports && { ports }),
  })
  const endsAt = (): number | null => {
    const { state } = keep.read()
    return state && earliestEnd(state, sessionCookies)
  }

  return Object.freeze<WebSession<User>>({
    auth,
    endsAt,
    async capture(given) {
      const found = await alone(lock, clock, () => capture(setup, given))
      keep.change({ over: false, signIns: NO_SIGN_INS, createdAt: clock.now(), provedAt: clock.now() })
      if (manual) keep.change({ state: null })
      await auth.signIn(manual ? { found } : undefined).catch((error: AuthError) => {
        throw new AuthError(
          error.code,
          `The person was signed in, and what was saved of it does not work in another browser: ${error.message} ` +
            'A session that is bound to its device cannot be kept this way.',
          { cause: error },
        )
      })
    },
    inspect() {
      const { state, createdAt, provedAt, visitedAt, over, signIns, credentials: stored } = keep.read()
      const facts = state ? factsOf(state) : { cookies: 0, domains: {}, origins: {} }
      const keyIds = [...new Set([storage.keyId(), box.keyId()])]
      const username = stored?.username ?? null
      const { refused } = signIns
      const blocked = signIns.blocked?.message ?? null
      const times = { createdAt, provedAt, visitedAt, endsAt: endsAt() }
      return Object.freeze({ profile, site: backend, ...times, over, username, refused, blocked, keyIds, ...facts })
    },
    setCredentials: (stored) => keep.change({ credentials: stored && checkCredentials(stored), signIns: NO_SIGN_INS }),
    reset: () => keep.change({ signIns: NO_SIGN_INS }),
    reseal: () => [storage.reseal(), box.reseal()].includes(true),
  })
}

const withoutLock: Lock = (_name, _signal, task) => task()

function checkCredentials(given: SiteCredentials): SiteCredentials {
  const { username, password, totpSecret } = given
  const texts = [username, password].every((value) => typeof value === 'string' && value !== '')
  if (!texts || (totpSecret !== undefined && (typeof totpSecret !== 'string' || !totpSecret)))
    misuse('Credentials are texts: username, password, and if need be totpSecret.')
  return { username, password, ...(totpSecret !== undefined && { totpSecret }) }
}
