/** The tour's stories, the same wherever its server is: each by its button, against what the server has seen. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { stories } from '../../demo/app/src/stories/stories.ts'
import { eventually, openTab, type TourSite } from './harness.ts'

type Side = 'keyturn' | 'usual'
interface Counts {
  readonly requests: number
  readonly refused401: number
  readonly refreshes: number
  readonly refusedRefreshes: number
}

interface Traffic {
  readonly counts: Record<Side, Counts>
  readonly thief: Record<Side, boolean | null>
}

/** What the server has seen; asked by the page, for a static tour's server is nowhere else. */
export const traffic = (tab: Page): Promise<Traffic> =>
  tab.evaluate(async () => (await fetch('/api/demo/traffic')).json())

const checks = (tab: Page, side: Side): Promise<string[]> => tab.locator(`.side.${side} .checks li`).allTextContents()

/** Waits for a line of the verdict. */
export const verdict = (tab: Page, side: Side, text: string | RegExp) =>
  tab.locator(`.side.${side} .checks li`, { hasText: text }).waitFor()

/** Opens a story, and makes it happen by keyboard when all four tabs are signed in. */
async function openStory(tour: TourSite, path: string): Promise<{ tab: Page; errors: readonly string[] }> {
  const { tab, errors } = await openTab(tour.page(path))
  const story = stories.find((each) => each.path === path)
  if (!story) throw new Error(`no story at ${path}`)
  await tab.getByText('Ready.', { exact: true }).waitFor()
  for (const text of [story.title, story.sentence, story.watch, story.usual])
    await tab.getByText(text).first().waitFor()
  expect(await tab.locator('.more .code').count()).toBe(story.code.length)
  const button = tab.getByRole('button', { name: story.button })
  await button.focus()
  await tab.keyboard.press('Enter')
  await tab.getByText('Look at both sides.').waitFor()
  return { tab, errors }
}

/** What the page says of refreshes is what the server has seen, on both sides. */
const saysWhatTheServerSaw = (tab: Page): Promise<void> =>
  eventually(async () => {
    const { counts } = await traffic(tab)
    for (const side of ['keyturn', 'usual'] as const)
      expect((await checks(tab, side)).join()).toMatch(new RegExp(`\\b${counts[side].refreshes} refresh(es)? at`))
  })

/** `concurrent`: each browser has a server of its own, so that the stories do not meet. */
export function tourStories(tour: TourSite, { concurrent = false } = {}): void {
  type Play = (path: string) => ReturnType<typeof openStory>
  /** The browser of a story is closed with it: its tabs would go on sending. */
  const it = (name: string, run: (play: Play) => Promise<void>): void =>
    (concurrent ? test.concurrent : test)(name, ({ onTestFinished }) =>
      run(async (path) => {
        const played = await openStory(tour, path)
        onTestFinished(() => played.tab.context().close())
        return played
      }),
    )

  it('a burst of 401s: one refresh, every request answered; the other side refreshes for stragglers', async (play) => {
    const { tab, errors } = await play('/burst')
    await eventually(async () => {
      const { counts } = await traffic(tab)
      // Ten, and those that were sent again.
      for (const { requests, refused401 } of Object.values(counts)) expect(requests - refused401).toBe(10)
    })
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    await verdict(tab, 'keyturn', /0 requests failed/)
    await saysWhatTheServerSaw(tab)
    expect((await traffic(tab)).counts.keyturn).toMatchObject({ refreshes: 1, refusedRefreshes: 0 })
    expect(errors).toEqual([])
  })

  it('two tabs at once: one refresh for both, and every request has its answer', async (play) => {
    const { tab, errors } = await play('/tabs')
    await eventually(async () => {
      const { requests, refused401 } = (await traffic(tab)).counts.keyturn
      expect(requests - refused401).toBe(6)
    })
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    await verdict(tab, 'keyturn', /0 requests failed/)
    await eventually(async () => expect((await traffic(tab)).counts.usual.refreshes).toBeGreaterThanOrEqual(1))
    // Two as a rule; but if one tab is so late that it finds the other's token, it needs none.
    await saysWhatTheServerSaw(tab)
    expect((await traffic(tab)).counts.keyturn.refreshes).toBe(1)
    expect(await tab.locator('.side.keyturn .timeline .name').allTextContents()).toEqual(['Tab A', 'Tab B'])
    expect(errors).toEqual([])
  })

  it('sleep: both tabs wake with dead tokens, and the server sees one refresh', async (play) => {
    const { tab, errors } = await play('/sleep')
    await verdict(tab, 'keyturn', /^✓.*1 refresh at the server/)
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    await saysWhatTheServerSaw(tab)
    expect(errors).toEqual([])
  })

  it('a token expires: it is renewed in time and nothing fails; on the other side a request waits for it', async (play) => {
    const { tab, errors } = await play('/expiry')
    await eventually(async () => expect((await traffic(tab)).counts.keyturn.refreshes).toBeGreaterThanOrEqual(1))
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    await verdict(tab, 'keyturn', /0 requests failed/)
    await verdict(tab, 'usual', /^✗.*[1-9]\d* requests? had to wait/)
    await verdict(tab, 'keyturn', /had to wait/)
    expect((await traffic(tab)).counts.keyturn.refusedRefreshes).toBe(0)
    expect(errors).toEqual([])
  })

  it('the auth server is down: Keyturn is signed in afterwards, the other side is logged out', async (play) => {
    const { tab, errors } = await play('/down')
    await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs signed in/)
    await verdict(tab, 'usual', /^✗.*[01] of 2 tabs signed in/)
    await eventually(async () => expect((await traffic(tab)).counts.keyturn.refreshes).toBeGreaterThanOrEqual(2))
    expect((await traffic(tab)).counts.keyturn.refusedRefreshes).toBe(0)
    expect(errors).toEqual([])
  })

  it('signed out everywhere: both tabs say so; on the other side the tab that nobody touches does not; then it starts over', async (play) => {
    const { tab, errors } = await play('/everywhere')
    await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs say that it is over/)
    await verdict(tab, 'usual', /^✗.*1 of 2 tabs say that it is over/)
    await tab.frameLocator('.side.keyturn iframe').nth(1).getByText('The server ended the session.').waitFor()
    expect((await traffic(tab)).counts).toMatchObject({
      keyturn: { refusedRefreshes: 1 },
      usual: { refusedRefreshes: 1 },
    })
    await tab.getByRole('button', { name: 'Start over' }).click()
    await tab.getByText('Ready.', { exact: true }).waitFor()
    expect(await checks(tab, 'keyturn')).toEqual(['Press the button above.'])
    expect(errors).toEqual([])
  })

  it('the clocks disagree: no refresh; the other side refreshes before each request', async (play) => {
    const { tab, errors } = await play('/clock')
    await eventually(async () => expect((await traffic(tab)).counts.usual.refreshes).toBeGreaterThanOrEqual(1))
    await eventually(async () => expect((await traffic(tab)).counts.keyturn.requests).toBeGreaterThanOrEqual(3))
    await verdict(tab, 'keyturn', /^✓.*0 refreshes at the server/)
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    expect((await traffic(tab)).counts.keyturn).toMatchObject({ refreshes: 0, refused401: 0 })
    expect(errors).toEqual([])
  })

  it('a refresh token is stolen: it is found out at its second use, and the thief is out, on both sides', async (play) => {
    const { tab, errors } = await play('/stolen')
    await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs say that it is over/)
    for (const side of ['keyturn', 'usual'] as const) await verdict(tab, side, /^✓.*The thief is out/)
    expect((await traffic(tab)).thief).toEqual({ keyturn: false, usual: false })
    expect(errors).toEqual([])
  })

  it('another person signs in: every tab shows whom the server answers; the other side shows one and acts as the other', async (play) => {
    const { tab, errors } = await play('/person')
    await verdict(tab, 'keyturn', /^✓.*Every tab shows whom the server answers/)
    await tab.frameLocator('.side.keyturn iframe').first().getByText('Grace', { exact: true }).waitFor()
    await verdict(tab, 'usual', /^✗.*Tab A shows Alan, the server answers Barbara/)
    expect(errors).toEqual([])
  })

  it('an HttpOnly session: a script finds no refresh token; on the other side it does, and the thief uses it', async (play) => {
    const { tab, errors } = await play('/http-only')
    await verdict(tab, 'usual', /^✗.*The script has found the refresh token/)
    await verdict(tab, 'keyturn', /^✓.*The script has found no refresh token/)
    await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
    expect((await traffic(tab)).thief.keyturn).toBeNull()
    expect(errors).toEqual([])
  })

  it('the session ends while somebody writes: after signing in again the letter is saved; on the other side it is lost', async (play) => {
    const { tab, errors } = await play('/draft')
    await verdict(tab, 'usual', /^✗.*The letter is lost/)
    const frame = tab.frameLocator('.side.keyturn iframe').first()
    await frame.getByRole('dialog', { name: 'Sign in again' }).waitFor()
    await verdict(tab, 'keyturn', /^✓.*The letter is still there/)
    await frame.getByRole('button', { name: 'Sign in again as Ada' }).click()
    await verdict(tab, 'keyturn', /^✓.*The letter is saved/)
    expect(errors).toEqual([])
  })
}
