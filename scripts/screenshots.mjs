// Makes the pictures of the README: `npm run screenshots`. Plays a story of the tour in Chromium and takes what is to be seen.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { find } from './browsers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const outDir = mkdtempSync(join(tmpdir(), 'keyturn-demo-'))
const shared = { configFile: join(root, 'vite.config.ts'), mode: 'production', logLevel: 'error', build: { outDir } }
await build(shared)
const server = await preview({ ...shared, preview: { port: 0, host: '127.0.0.1' } })
const origin = `http://127.0.0.1:${server.httpServer.address().port}`
const browser = await chromium.launch({
  executablePath: find.chromium(),
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
})
const page = await browser.newPage({
  viewport: { width: 1280, height: 720 },
  colorScheme: 'light',
  reducedMotion: 'reduce',
})

/** Plays a story until the server has seen what it should on the other side. */
async function play(path) {
  await page.goto(origin + path)
  await page.getByText('Ready.', { exact: true }).waitFor()
  await page.locator('.provoke .button').first().click()
  await page.getByText('Look at both sides.').waitFor()
  await page.locator('.side.usual .checks .bad').first().waitFor()
  // Until the drawing is full.
  await page.waitForTimeout(3_000)
}

await play('/tabs')
await page.screenshot({ path: join(root, 'docs/images/tour.png') })
await browser.close()
await server.close()
rmSync(outDir, { recursive: true, force: true })
process.exit(0)
