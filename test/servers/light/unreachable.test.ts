import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../../browser/harness/chromium.ts'
import { close, listen } from '../harness/front.ts'
import { buildServerPage } from '../harness/page.ts'
import { type Running, run } from '../harness/run.ts'
import { bodyTokens } from './body-tokens/server.ts'

let running: Running
beforeAll(async () => {
  running = await run(bodyTokens)
  running.setPage(await buildServerPage(new URL('body-tokens/auth-elsewhere.ts', import.meta.url), ''))
})
afterAll(() => running?.stop())

it('a page is told apart: nobody is there, and somebody who does not allow it', async () => {
  const stranger = createServer((_request, response) => response.end('{}'))
  const there = await listen(stranger)
  const gone = createServer()
  const nobody = await listen(gone)
  await close(gone)
  const browser = await launchChromium()
  try {
    const tab = await browser.newPage()
    const messageOf = async (api: string) => {
      await tab.goto(`${running.pageUrl}?api=${api}`)
      return (await tab.evaluate(() => window.page.signIn({}))).message
    }
    const page = new URL(running.pageUrl).origin
    expect(await messageOf(nobody)).toBe(
      `POST ${nobody}/auth/login could not be reached: offline, or baseUrl is wrong.`,
    )
    expect(await messageOf(there)).toMatch(
      new RegExp(`^POST ${there}/auth/login can be reached, but did not answer ${page} \\(CORS\\)`),
    )
  } finally {
    await browser.close()
    await close(stranger)
  }
})
