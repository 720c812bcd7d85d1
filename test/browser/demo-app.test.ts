/** The tour: each story, by its button, against what its server has seen. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { stories } from '../../demo/app/src/stories/stories.ts'
import { eventually, expectAccessible, expectNarrow, openTab, withBrowser, withTour } from './harness.ts'

withBrowser()
const tour = withTour()

type Side = 'keyturn' | 'usual'
interface Counts {
  readonly requests: number
  readonly refused401: number
  readonly refreshes: number
  readonly refusedRefreshes: number
}

const traffic = async (): Promise<{ counts: Record<Side, Counts>; thief: Record<Side, boolean | null> }> =>
  (await fetch(`${tour.url()}api/demo/traffic`)).json()

const checks = (tab: Page, side: Side): Promise<string[]> => tab.locator(`.side.${side} .checks li`).allTextContents()

/** Waits for a line of the verdict. */
const verdict = (tab: Page, side: Side, text: string | RegExp) =>
  tab.locator(`.side.${side} .checks li`, { hasText: text }).waitFor()

/** Opens a story, and makes it happen by keyboard when all four tabs are signed in. */
async function play(path: string): Promise<{ tab: Page; errors: readonly string[] }> {
  const { tab, errors } = await openTab(tour.url() + path.slice(1))
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
    const { counts } = await traffic()
    for (const side of ['keyturn', 'usual'] as const)
      expect((await checks(tab, side)).join()).toMatch(new RegExp(`\\b${counts[side].refreshes} refresh(es)? at`))
  })

test('a burst of 401s: one refresh, every request answered; the other side refreshes for stragglers', async () => {
  const { tab, errors } = await play('/burst')
  await eventually(async () => {
    const { counts } = await traffic()
    // Ten, and those that were sent again.
    for (const { requests, refused401 } of Object.values(counts)) expect(requests - refused401).toBe(10)
  })
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  await verdict(tab, 'keyturn', /0 requests failed/)
  await saysWhatTheServerSaw(tab)
  expect((await traffic()).counts.keyturn).toMatchObject({ refreshes: 1, refusedRefreshes: 0 })
  expect(errors).toEqual([])
})

test('two tabs at once: one refresh for both, and every request has its answer', async () => {
  const { tab, errors } = await play('/tabs')
  await eventually(async () => {
    const { requests, refused401 } = (await traffic()).counts.keyturn
    expect(requests - refused401).toBe(6)
  })
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  await verdict(tab, 'keyturn', /0 requests failed/)
  await eventually(async () => expect((await traffic()).counts.usual.refreshes).toBeGreaterThanOrEqual(1))
  // Two as a rule; but if one tab is so late that it finds the other's token, it needs none.
  await saysWhatTheServerSaw(tab)
  expect((await traffic()).counts.keyturn.refreshes).toBe(1)
  expect(await tab.locator('.side.keyturn .timeline .name').allTextContents()).toEqual(['Tab A', 'Tab B'])
  expect(errors).toEqual([])
})

test('sleep: both tabs wake with dead tokens, and the server sees one refresh', async () => {
  const { tab, errors } = await play('/sleep')
  await verdict(tab, 'keyturn', /^✓.*1 refresh at the server/)
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  await saysWhatTheServerSaw(tab)
  expect(errors).toEqual([])
})

test('a token expires: it is renewed in time and nothing fails', async () => {
  const { tab, errors } = await play('/expiry')
  await eventually(async () => expect((await traffic()).counts.keyturn.refreshes).toBeGreaterThanOrEqual(1))
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  await verdict(tab, 'keyturn', /0 requests failed/)
  expect((await traffic()).counts.keyturn.refusedRefreshes).toBe(0)
  expect(errors).toEqual([])
})

test('the auth server is down: Keyturn is signed in afterwards, the other side is logged out', async () => {
  const { tab, errors } = await play('/down')
  await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs signed in/)
  await verdict(tab, 'usual', /^✗.*[01] of 2 tabs signed in/)
  await eventually(async () => expect((await traffic()).counts.keyturn.refreshes).toBeGreaterThanOrEqual(2))
  expect((await traffic()).counts.keyturn.refusedRefreshes).toBe(0)
  expect(errors).toEqual([])
})

test('signed out everywhere: both tabs say so; on the other side the tab that nobody touches does not; then it starts over', async () => {
  const { tab, errors } = await play('/everywhere')
  await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs say that it is over/)
  await verdict(tab, 'usual', /^✗.*1 of 2 tabs say that it is over/)
  await tab.frameLocator('.side.keyturn iframe').nth(1).getByText('The server ended the session.').waitFor()
  expect((await traffic()).counts).toMatchObject({ keyturn: { refusedRefreshes: 1 }, usual: { refusedRefreshes: 1 } })
  await tab.getByRole('button', { name: 'Start over' }).click()
  await tab.getByText('Ready.', { exact: true }).waitFor()
  expect(await checks(tab, 'keyturn')).toEqual(['Press the button above.'])
  expect(errors).toEqual([])
})

test('the clocks disagree: no refresh; the other side refreshes before each request', async () => {
  const { tab, errors } = await play('/clock')
  await eventually(async () => expect((await traffic()).counts.usual.refreshes).toBeGreaterThanOrEqual(1))
  await eventually(async () => expect((await traffic()).counts.keyturn.requests).toBeGreaterThanOrEqual(3))
  await verdict(tab, 'keyturn', /^✓.*0 refreshes at the server/)
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  expect((await traffic()).counts.keyturn).toMatchObject({ refreshes: 0, refused401: 0 })
  expect(errors).toEqual([])
})

test('a refresh token is stolen: it is found out at its second use, and the thief is out, on both sides', async () => {
  const { tab, errors } = await play('/stolen')
  await verdict(tab, 'keyturn', /^✓.*2 of 2 tabs say that it is over/)
  for (const side of ['keyturn', 'usual'] as const) await verdict(tab, side, /^✓.*The thief is out/)
  expect((await traffic()).thief).toEqual({ keyturn: false, usual: false })
  expect(errors).toEqual([])
})

test('another person signs in: every tab shows whom the server answers; the other side shows one and acts as the other', async () => {
  const { tab, errors } = await play('/person')
  await verdict(tab, 'keyturn', /^✓.*Every tab shows whom the server answers/)
  await tab.frameLocator('.side.keyturn iframe').first().getByText('Grace', { exact: true }).waitFor()
  await verdict(tab, 'usual', /^✗.*Tab A shows Alan, the server answers Barbara/)
  expect(errors).toEqual([])
})

test('an HttpOnly session: a script finds no refresh token; on the other side it does, and the thief uses it', async () => {
  const { tab, errors } = await play('/http-only')
  await verdict(tab, 'usual', /^✗.*The script has found the refresh token/)
  await verdict(tab, 'keyturn', /^✓.*The script has found no refresh token/)
  await verdict(tab, 'keyturn', /2 of 2 tabs signed in/)
  expect((await traffic()).thief.keyturn).toBeNull()
  expect(errors).toEqual([])
})

test('the session ends while somebody writes: after signing in again the letter is saved; on the other side it is lost', async () => {
  const { tab, errors } = await play('/draft')
  await verdict(tab, 'usual', /^✗.*The letter is lost/)
  const frame = tab.frameLocator('.side.keyturn iframe').first()
  await frame.getByRole('dialog', { name: 'Sign in again' }).waitFor()
  await verdict(tab, 'keyturn', /^✓.*The letter is still there/)
  await frame.getByRole('button', { name: 'Sign in again as Ada' }).click()
  await verdict(tab, 'keyturn', /^✓.*The letter is saved/)
  expect(errors).toEqual([])
})

describe('the pages', () => {
  test('the first says what this is, how to install it, and what each story teaches', async () => {
    const { tab, errors } = await openTab(tour.url())
    await tab.getByRole('heading', { level: 1, name: 'Keyturn keeps people signed in.' }).waitFor()
    await tab.getByText('npm install keyturn', { exact: true }).waitFor()
    for (const { sentence } of stories) await tab.getByText(sentence).waitFor()
    expect(stories).toHaveLength(11)
    expect(errors).toEqual([])
  })

  test('they allow no inline script, no text that becomes a script, and no frame around them', async () => {
    const policy = (await fetch(tour.url())).headers.get('Content-Security-Policy') ?? ''
    for (const part of ["script-src 'self'", "require-trusted-types-for 'script'", "frame-ancestors 'self'"])
      expect(policy).toContain(part)
    expect(policy).not.toMatch(/unsafe|\*/)
    const { tab } = await openTab(tour.url())
    const stopped = await tab.evaluate(() => {
      try {
        document.body.innerHTML = '<b>text</b>'
        return false
      } catch {
        return true
      }
    })
    expect(stopped).toBe(true)
  })

  test.each(['light', 'dark'] as const)(
    'axe finds nothing in %s colours, and nothing scrolls sideways',
    async (colorScheme) => {
      const { tab } = await openTab(tour.url())
      await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await tab.getByText('npm install keyturn', { exact: true }).waitFor()
      await expectAccessible(tab)
      await expectNarrow(tab, [360, 768, 1280])
      await tab.goto(`${tour.url()}everywhere`)
      await tab.getByText('Ready.', { exact: true }).waitFor()
      await tab.getByRole('button', { name: 'End all sessions at the server' }).click()
      await verdict(tab, 'keyturn', /2 of 2/)
      await expectAccessible(tab)
      await expectNarrow(tab, [360, 768, 1280])
    },
  )
})
