/** A worker whose session nobody uses for longer than its token lives; and tests that have no part in it. */
import { expect, LIFE, readNotes, test } from './test.ts'

test('is signed in', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  await readNotes(page, parallelIndex)
})

test.describe('nobody', () => {
  test.use({ session: 'none' })
  test('sees the form, for longer than the token of its worker lives', async ({ page }) => {
    await page.goto('/')
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
    await page.waitForTimeout(LIFE)
  })
})

test('comes back to a session whose token has run out, and has a new one before it begins', async ({ page, context }, {
  parallelIndex,
}) => {
  expect((await context.cookies()).map(({ name }) => name)).toContain('notes-auth-token')
  await page.goto('/')
  await readNotes(page, parallelIndex)
})

test.describe('one of its own', () => {
  test.use({ session: 'own' })
  test('signs out', async ({ page }) => {
    await page.goto('/')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  })
})

test('is signed in after another test has signed out', async ({ page }, { parallelIndex }) => {
  await page.goto('/')
  await readNotes(page, parallelIndex)
})
