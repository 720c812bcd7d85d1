/** Fault 12: by `domain` two subdomains share the jar, but neither locks nor messages. The server is strict. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { serveHttps, visit } from './harness/https-site.ts'
import { ada, eventually, openSecureTab, withBrowser } from './harness.ts'

withBrowser()

const ROUNDS = process.env.LONG ? 100 : 3
/** Within this time (ms) a write has to be seen by the other tab, for the lease to hold. */
const SEEN = 100
/** How often (ms) a tab looks at the clock and at the jar. */
const BEAT = 10

/** What a tab went through since it was asked last. Times in ms since 1970, by a clock that all tabs share. */
interface Watch {
  /** The longest time that it stood still. */
  readonly still: number
  /** Each lease that it wrote, and when. */
  readonly wrote: readonly (readonly [lease: string, at: number])[]
  /** Each lease that it found in the jar, its own too, and when it found it first. */
  readonly found: readonly (readonly [lease: string, at: number])[]
  /** When it was asked. */
  readonly until: number
}

/** Runs in the page: watches leases in the jar, and whether the page stands still. */
function watchLeases(beat: number): void {
  const clock = () => performance.timeOrigin + performance.now()
  const leaseIn = (text: string) => /(?:^|; )auth-lease=([^;]+)/.exec(text)?.[1]
  const jar = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie') as Required<PropertyDescriptor>
  let watch = { still: 0, wrote: [] as [string, number][], found: [] as [string, number][] }
  Object.defineProperty(Document.prototype, 'cookie', {
    get() {
      return jar.get.call(this)
    },
    set(text: string) {
      const lease = leaseIn(text)
      if (lease) watch.wrote.push([lease, clock()])
      jar.set.call(this, text)
    },
  })
  let last = clock()
  setInterval(() => {
    const now = clock()
    watch.still = Math.max(watch.still, now - last)
    last = now
    const lease = leaseIn(document.cookie)
    if (lease && watch.found.at(-1)?.[0] !== lease) watch.found.push([lease, now])
  }, beat)
  Object.assign(window, {
    takeWatch: () => {
      const taken = { ...watch, until: clock() }
      watch = { still: 0, wrote: [], found: [] }
      return taken
    },
  })
}

const takeWatch = (tab: Page): Promise<Watch> =>
  tab.evaluate(() => (window as unknown as { takeWatch(): Watch }).takeWatch())

/**
 * The two cases that no client can prevent: a holder that stood still, or a write that the other saw too late. For a lease that is looked at
 * after 100 ms, half of that: the one tab may see the other's write late, write over it, and be seen late itself.
 */
function excuse(watches: readonly Watch[]): string | null {
  const still = Math.max(...watches.map((watch) => watch.still))
  if (still > SEEN / 2) return `a tab stood still for ${Math.round(still)} ms`
  const writes = watches.flatMap(({ wrote }) => wrote)
  for (const [lease, at] of writes)
    for (const { found, until } of watches) {
      // What was written over before it was found was not seen until then.
      const over = Math.min(until, ...writes.map(([, time]) => time).filter((time) => time > at))
      const seen = found.find(([name]) => name === lease)?.[1] ?? over
      if (seen - at > SEEN / 2) return `a write was not seen for ${Math.round(seen - at)} ms`
    }
  return null
}

test('two subdomains that wake at once: one refresh, or a session that ends for a reason that was seen', async ({
  annotate,
}) => {
  const site = await serveHttps({ profile: 'strict' })
  const { tab, context } = await openSecureTab()
  await context.addInitScript(watchLeases, BEAT)
  const tabs = [tab, await context.newPage()]
  const domain = { domain: 'example.test' }
  for (const [index, each] of tabs.entries())
    await visit(each, site.app(domain, '/', `${['app', 'shop'][index]}.example.test`))
  const signIn = async () => {
    await tab.evaluate((person) => void window.app.auth.signIn(person), ada)
    for (const each of tabs)
      await eventually(async () => expect(await each.evaluate(() => window.app.who())).toBe(ada.email))
  }
  await signIn()

  const ended: string[] = []
  let twice = 0
  for (let round = 0; round < ROUNDS; round++) {
    // What follows is about this round: both have the same token, which the server now refuses.
    await eventually(async () => {
      const tokens = await Promise.all(tabs.map((each) => each.evaluate(() => window.app.auth.getAccessToken())))
      expect(tokens[0]).toBe(tokens[1])
    })
    site.mock.admin.expireAccessTokens()
    const before = site.mock.count('refresh')
    await Promise.all(tabs.map(takeWatch))
    const at = Date.now() + 50
    const answers = await Promise.all(
      tabs.map((each) =>
        each.evaluate(async (at) => {
          await new Promise((resolve) => setTimeout(resolve, at - Date.now()))
          return window.app.call()
        }, at),
      ),
    )
    const watches = await Promise.all(tabs.map(takeWatch))
    const verdicts = site.mock.log.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)
    const ours = verdicts.slice(before)
    if (ours.length > 1) twice++
    if (site.mock.admin.sessions().some(({ live }) => live)) {
      expect([answers, ours.filter((verdict) => verdict !== 'rotated')]).toEqual([[200, 200], []])
      continue
    }
    // The server has ended the session. There has to be a reason, and both tabs end it, in one clean sign-out.
    const why = excuse(watches)
    expect(why, `round ${round}: ${JSON.stringify({ answers, ours, watches })}`).not.toBeNull()
    ended.push(`round ${round}: ${why}`)
    await tab.evaluate(() => window.app.auth.refresh().catch(() => {}))
    for (const each of tabs)
      await eventually(async () =>
        expect(await each.evaluate(() => window.app.auth.getState().status)).toBe('unauthenticated'),
      )
    expect((await context.cookies()).filter(({ name }) => /-token$/.test(name))).toEqual([])
    await signIn()
  }
  await annotate(
    `${ROUNDS} rounds: ${site.mock.count('refresh')} refreshes, two of one round ${twice} times, ${ended.length} sessions ended ${ended.join('; ')}`,
  )
})
