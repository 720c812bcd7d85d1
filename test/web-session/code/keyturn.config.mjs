// keyturn.config.mjs: how to open your session, for npx keyturn and for your own programs
import { createWebSession } from 'keyturn/web-session'
import { chromium } from 'playwright-core'

const url = process.env.SITE ?? 'http://localhost:4000/'

export default ({ profile, create }) =>
  createWebSession({
    path: `state/${profile}`,
    keys: process.env.SESSION_KEYS ?? '',
    profile,
    create,
    url,
    launch: ({ headless }) =>
      chromium.launch({ headless, executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' }),
    async look(page) {
      // Whichever of the three appears.
      await page.waitForSelector('#me, #sign-in, #challenge', { timeout: 10_000 }).catch(() => {})
      if (await page.locator('#me').count()) return 'signed_in'
      if (await page.locator('#challenge').count()) return 'challenge'
      return (await page.locator('#sign-in').count()) ? 'signed_out' : 'unknown'
    },
    read: async (page) => ({ accessToken: await page.evaluate(() => localStorage.getItem('token')) }),
    sessionCookies: ['sid'],
  })
