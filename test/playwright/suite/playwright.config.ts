import { defineConfig } from '@playwright/test'
import { chromiumArgs, chromiumPath } from '../../browser/harness/chromium-program.ts'

const { APP_URL = '', SUITE_OUTPUT = '' } = process.env

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'suite', testMatch: '*.spec.ts' },
    { name: 'misuse', testMatch: '*.misuse.ts' },
  ],
  outputDir: SUITE_OUTPUT,
  // A file a worker: `goes-on` leaves a page open for longer than a token lives, `comes-back` no page.
  workers: 2,
  timeout: 300_000,
  expect: { timeout: 120_000 },
  reporter: 'json',
  use: {
    baseURL: APP_URL,
    launchOptions: { executablePath: chromiumPath(), args: [...chromiumArgs] },
  },
})
