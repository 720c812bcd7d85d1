/** The tour, before the demo's own server. */
import { expect, test } from 'vitest'
import { stories } from '../../demo/app/src/stories/stories.ts'
import { expectAccessible, expectNarrow, movingIn, openTab, withBrowser, withTour } from './harness.ts'
import { tourStories, verdict } from './tour-stories.ts'

withBrowser()
const tour = withTour()

tourStories(tour)

test('the first says what this is, how to install it, and what each story teaches', async () => {
  const { tab, errors } = await openTab(tour.page('/'))
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
  const { tab } = await openTab(tour.page('/'))
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
    const { tab } = await openTab(tour.page('/'))
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await tab.getByText('npm install keyturn', { exact: true }).waitFor()
    await expectAccessible(tab)
    await expectNarrow(tab, [360, 768, 1280])
    await tab.goto(tour.page('/everywhere'))
    await tab.getByText('Ready.', { exact: true }).waitFor()
    await tab.getByRole('button', { name: 'End all sessions at the server' }).click()
    await verdict(tab, 'keyturn', /2 of 2/)
    await expectAccessible(tab)
    await expectNarrow(tab, [360, 768, 1280])
  },
)

test('nothing moves for who prefers reduced motion, in the page and in its frames', async () => {
  const { tab } = await openTab(tour.page('/everywhere'))
  await tab.getByText('Ready.', { exact: true }).waitFor()
  await tab.emulateMedia({ reducedMotion: 'no-preference' })
  // Buttons, here and in the frames.
  expect((await movingIn(tab)).length).toBeGreaterThan(4)
  await tab.emulateMedia({ reducedMotion: 'reduce' })
  expect(await movingIn(tab)).toEqual([])
})
