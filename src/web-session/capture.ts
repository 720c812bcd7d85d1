import { AuthError } from '../core/errors.ts'
import type { PageLike } from './browser-types.ts'
import { inBrowser, type Visited, type VisitSetup } from './visit.ts'

const LOOK_EVERY = 500
const LIMIT = 900_000

export interface CaptureOptions {
  /** How long to wait for the person, in ms. Default: 900,000 (15 minutes). */
  readonly within?: number
  /** Called when the browser stands open, and while it waits, for progress. */
  readonly waiting?: () => void
}

/** Opens a window, and waits until a person is signed in there. */
export function capture<Page extends PageLike, User>(
  setup: VisitSetup<Page, User>,
  { within = LIMIT, waiting }: CaptureOptions = {},
): Promise<Extract<Visited<User>, { type: 'read' }>> {
  const { site, origins, clock } = setup
  const pause = (): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, LOOK_EVERY))
  return inBrowser(
    setup,
    async (page, signal) => {
      await page.goto(site.url)
      for (;;) {
        waiting?.()
        // Between two pages there is nothing to look at.
        const seen = await Promise.resolve(site.look(page)).catch(() => 'unknown')
        if (seen === 'signed_in' && origins.includes(new URL(page.url()).origin)) break
        if (signal.aborted) throw new AuthError('interaction_required', 'Nobody has signed in.')
        await pause()
      }
      const answer = await site.read(page)
      if (!answer?.accessToken)
        throw new AuthError('invalid_response', 'Somebody is signed in, and read() found no token.')
      return { type: 'read', answer }
    },
    false,
    within,
  )
}
