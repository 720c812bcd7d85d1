import { test as base, expect, type Page } from '@playwright/test'
import { withSession } from 'keyturn/testing/playwright'

const ACCOUNTS = ['ada@example.test', 'grace@example.test']

export const test = withSession(base, {
  async signIn(page, { parallelIndex }) {
    await page.goto('/')
    await page.getByLabel('Email').fill(ACCOUNTS[parallelIndex] ?? '')
    await page.getByLabel('Password').fill('correct-horse')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
  },
  cookies: { prefix: 'notes-' },
})

/** Reads the notes, and sees whose they are. */
export async function readNotes(page: Page, parallelIndex: number): Promise<void> {
  const said = page.getByRole('status')
  const before = Number.parseInt((await said.textContent()) || '0', 10)
  await page.getByRole('button', { name: 'Read notes' }).click()
  await expect(said).toHaveText(`${before + 1}: notes of ${ACCOUNTS[parallelIndex]}`)
}

/** Longer than a token of 30 s lives. */
export const LIFE = 31_000

export { expect }
