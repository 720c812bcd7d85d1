/** Fault 9: two apps on two ports of one host. Cookies know no ports, so both find the same jar. */
import { expect, test } from 'vitest'
import { serveHttps, visit } from './harness/https-site.ts'
import { ada, grace, openSecureTab, withBrowser } from './harness.ts'

withBrowser()

test('an app on another port opens with nobody, sends nothing to its own server, says what to do, and leaves the session alone', async () => {
  const [mine, other] = [await serveHttps(), await serveHttps({ users: [grace] })]
  const { tab, context } = await openSecureTab()
  await visit(tab, mine.app())
  await tab.evaluate((person) => window.app.auth.signIn(person), ada)
  const before = await context.cookies()

  const second = await context.newPage()
  expect(await visit(second, other.app())).toBeNull()
  await second.evaluate(() => window.app.call())
  expect(other.mock.log.map(({ call, refreshToken }) => [call, refreshToken])).not.toContainEqual([
    'refresh',
    expect.anything(),
  ])
  expect(other.mock.log.filter(({ bearer }) => bearer)).toEqual([])
  expect(await second.evaluate(() => window.app.told.join())).toMatch(/diagnostic: .*prefix/)
  expect(await context.cookies()).toEqual(before)

  expect(await visit(tab, mine.app())).toBe(ada.email)
  await tab.evaluate(() => window.app.auth.refresh())
  expect(await tab.evaluate(() => window.app.call())).toBe(200)
  expect(mine.mock.log.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)).toEqual(['rotated'])

  // As it says: with a prefix of its own each has its session.
  expect(await visit(second, other.app({ prefix: 'b-' }))).toBeNull()
  await second.evaluate((person) => window.app.auth.signIn(person), grace)
  expect(await visit(second, other.app({ prefix: 'b-' }))).toBe(grace.email)
  expect(await visit(tab, mine.app())).toBe(ada.email)
})
