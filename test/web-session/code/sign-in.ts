import type { SignInContext } from 'keyturn/web-session'
import type { Page } from 'playwright-core'

export async function signIn(page: Page, { credentials, totp }: SignInContext): Promise<void> {
  await page.fill('[name=username]', credentials.username)
  await page.fill('[name=password]', credentials.password)
  await page.click('button')
  await page.fill('[name=code]', await totp())
  await page.click('button')
}
