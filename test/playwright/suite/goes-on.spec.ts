/** A page that is open for longer than its token lives; what follows goes on with what it has left. */
import { expect, LIFE, readNotes, test } from './test.ts'

test('is signed in', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  await readNotes(page, parallelIndex)
})

test('stays signed in while its token is renewed', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  for (const end = Date.now() + LIFE; Date.now() < end; ) {
    await readNotes(page, parallelIndex)
    await page.waitForTimeout(1_000)
  }
})

test('goes on with the tokens that the test before has left', async ({ page, context }, { parallelIndex }) => {
  await page.goto('/')
  await readNotes(page, parallelIndex)
  const second = await context.newPage()
  await second.goto('/')
  await readNotes(second, parallelIndex)
})

test('leaves nothing in localStorage to the next one', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  await page.evaluate(() => localStorage.setItem('draft', 'Dear Grace'))
  await readNotes(page, parallelIndex)
})

test('finds nothing in localStorage of the one before', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  expect(await page.evaluate(() => localStorage.getItem('draft'))).toBeNull()
  await readNotes(page, parallelIndex)
})
