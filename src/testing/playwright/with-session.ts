import type {
  BrowserContext,
  Page,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from '@playwright/test'
import type { SessionRecord } from '../../core/types.ts'
import { cookieStorage } from '../../storage/cookie.ts'
import { type CookieStorageOptions, checkOptions } from '../../storage/cookie-options.ts'
import { sessionIn } from '../../storage/cookie-session.ts'
import { holdRenewals } from './hold-renewals.ts'

export interface WithSessionOptions {
  /**
   * Signs in on an empty page, as a person does, and resolves when the app shows that somebody is signed in. `parallelIndex`
   * tells the workers apart, from 0: for an account of its own for each.
   */
  readonly signIn: (page: Page, worker: { readonly parallelIndex: number }) => Promise<unknown>
  /** What the app gives to `cookieStorage`. Default: nothing. */
  readonly cookies?: CookieStorageOptions
}

export interface SessionOption {
  /**
   * Which session a test has. `shared`: that of its worker, which is signed in once. `own`: one that is made for this test,
   * for tests that sign out, or change who is signed in, or move the page's clock. `none`: nobody is signed in, unless the
   * `storageState` of the project holds a session. Default: `shared`.
   */
  session: 'shared' | 'own' | 'none'
}

type State = Awaited<ReturnType<BrowserContext['storageState']>>

/** What a worker remembers from test to test, in memory alone. */
interface Remembered {
  state: State | null
  /** Where the app was when it had signed in. */
  url: string | null
}

export interface SessionWorker {
  workerSession: Remembered
}

type TestArgs = PlaywrightTestArgs & PlaywrightTestOptions
type WorkerArgs = PlaywrightWorkerArgs & PlaywrightWorkerOptions

/** How long (ms) an app may take to renew a session: longer than the kit itself tries. */
const PATIENCE = 30_000
/** A token that has less than this (ms) to live may run out before a test has begun. */
const SOON = 5_000
const LOOK = 50

/**
 * Extends `test` of `@playwright/test`: `page` and `context` are signed in. A worker signs in once, in its
 * first test that needs it. Each test begins with the cookies that the one before has ended with, so that no refresh token is
 * used twice; a session whose access token has run out is renewed by the app before the test begins, and one that is over
 * is made anew. It is kept in memory: no file ever holds a token. What else a test leaves in `localStorage` is not handed on.
 *
 * It does not see sessions outside of cookies. It does not know when a test closes a page in the middle of a renewal: leave
 * pages open, they are closed when none is under way.
 * @throws Error in the test if nobody is signed in after `signIn`, or if the test has ended the session that it shares
 * @throws AuthError `misconfigured` for options that `cookieStorage` would not take
 * @example export const test = withSession(base, { signIn })
 */
export function withSession<A extends TestArgs, W extends WorkerArgs>(
  base: TestType<A, W>,
  { signIn, cookies = {} }: WithSessionOptions,
): TestType<A & SessionOption, W & SessionWorker> {
  const settings = checkOptions(cookies)
  const lock = `keyturn:${cookieStorage(cookies).key}`

  async function recordIn(context: BrowserContext, url: string): Promise<SessionRecord | null> {
    const pairs = (await context.cookies(url)).map(({ name, value }) => [name, value] as const)
    const record = sessionIn(pairs, settings)?.record ?? null
    return record?.over === undefined ? record : null
  }

  /** Signs in. Resolves with the address of the app. */
  async function begin(context: BrowserContext, parallelIndex: number): Promise<string> {
    const page = await context.newPage()
    await signIn(page, { parallelIndex })
    const url = page.url()
    if (!(await recordIn(context, url))) {
      const names = `${settings.names[2]} at ${url}`
      throw new Error(
        `Nobody is signed in after signIn(): there is no cookie ${names}. Let it wait until the app shows who is signed in, and give withSession the options of the app's cookieStorage as \`cookies\`.`,
      )
    }
    await holdRenewals([page], lock, PATIENCE)
    await page.close()
    return url
  }

  /** Whether the session lives on. One whose access token has run out is renewed by the app first. */
  async function goesOn(context: BrowserContext, url: string): Promise<boolean> {
    const before = await recordIn(context, url)
    if (!before || isFresh(before)) return !!before
    const page = await context.newPage()
    await page.goto(url)
    let record: SessionRecord | null = before
    for (const end = Date.now() + PATIENCE; record?.receivedAt === before.receivedAt && Date.now() < end; ) {
      await page.waitForTimeout(LOOK)
      record = await recordIn(context, url)
    }
    await holdRenewals([page], lock, PATIENCE)
    await page.close()
    return !!record
  }

  // What other fixtures `base` has does not matter here.
  const plain = base as unknown as TestType<TestArgs, WorkerArgs>
  return plain.extend<SessionOption, SessionWorker>({
    session: ['shared', { option: true }],
    workerSession: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
      async ({}, use) => {
        await use({ state: null, url: null })
      },
      { scope: 'worker' },
    ],
    storageState: async ({ session, workerSession, storageState }, use) => {
      await use((session === 'shared' && workerSession.state) || storageState)
    },
    context: async ({ context, session, workerSession }, use, { parallelIndex }) => {
      if (session === 'own') await begin(context, parallelIndex)
      if (session !== 'shared') return await use(context)
      let { url, state } = workerSession
      if (!url || !state || !(await goesOn(context, url))) {
        url = await begin(context, parallelIndex)
        state = await context.storageState()
      }
      // What comes in between must not bring back what the test has used up.
      Object.assign(workerSession, { url, state: null })
      await use(context)
      await holdRenewals(context.pages(), lock, PATIENCE, new URL(url).origin)
      if (!(await recordIn(context, url))) {
        throw new Error(
          "This test has ended the session that the tests of its worker share. Give it one of its own: test.use({ session: 'own' })",
        )
      }
      const { cookies } = await context.storageState()
      workerSession.state = { ...state, cookies }
    },
  }) as unknown as TestType<A & SessionOption, W & SessionWorker>
}

const isFresh = ({ expiresAt }: SessionRecord): boolean => (expiresAt ?? Number.POSITIVE_INFINITY) > Date.now() + SOON
