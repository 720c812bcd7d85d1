// @vitest-environment jsdom
/** Release 0.1.0 (783719e) in two tabs, this one in two others: one jar, one lock, one channel, a strict server. */
import { cookieStorage, createAuth } from 'keyturn'
import { createFakeBrowser, createFakeClock } from 'keyturn/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as old from '../../fixtures/keyturn-0.1.0.js'
import { resetCookies } from '../../storage/jar.ts'
import { HOUR, Server } from '../world.ts'

const RELEASES = ['old', 'now', 'old', 'now'] as const
type Release = (typeof RELEASES)[number]

const started: { dispose(): void }[] = []
beforeEach(resetCookies)
afterEach(() => {
  for (const auth of started.splice(0)) auth.dispose()
})

function open() {
  const clock = createFakeClock({ now: Date.now(), settle: () => new Promise(setImmediate) })
  const server = new Server(clock)
  const browser = createFakeBrowser({ clock })
  const told: string[] = []
  const openTab = (release: Release) => {
    const { ports } = browser.openTab()
    const { createAuth: create, cookieStorage: storage } = release === 'old' ? old : { createAuth, cookieStorage }
    const auth = create({ backend: server.backend, storage: storage(), ports })
    for (const name of ['signed_out', 'refresh_failed', 'storage_failed'] as const)
      auth.on(name, () => void told.push(`${release}: ${name}`))
    started.push(auth)
    return auth
  }
  const tabs = RELEASES.map(openTab)
  const shown = () => tabs.map((auth) => auth.getState().status)
  return { clock, server, browser, tabs, told, shown, openTab }
}
const all = (status: string) => RELEASES.map(() => status)

describe('two tabs of 0.1.0 and two of this release', () => {
  test.each([
    ['0.1.0', 0],
    ['this release', 1],
  ])(
    'a day after a sign-in in %s: the ideal number of refreshes, nobody signed out, all with one token',
    async (_, by) => {
      const { clock, server, tabs, told, shown } = open()
      await tabs[by]?.signIn({})
      for (let hour = 0; hour < 24; hour++) {
        await clock.advance(HOUR)
        expect(shown()).toEqual(all('authenticated'))
      }
      expect(told).toEqual([])
      // Tokens of an hour are renewed 5 minutes before they run out: nothing is jittered here.
      expect(server.refreshes).toHaveLength(Math.floor((24 * 60) / 55))
      expect(new Set(server.refreshes).size).toBe(server.refreshes.length)
      const tokens = await Promise.all(tabs.map((auth) => auth.getAccessToken()))
      expect(new Set(tokens).size).toBe(1)
    },
  )
})
