/** Tests that are to fail, and to say why. */
import { test as base } from '@playwright/test'
import { withSession } from 'keyturn/testing/playwright'
import { expect, test } from './test.ts'

test('ends the session that its worker shares', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

const unsigned = withSession(base, { signIn: (page) => page.goto('/'), cookies: { prefix: 'notes-' } })

unsigned('begins with a sign-in that signs nobody in', async ({ page }) => {
  await page.goto('/')
})
