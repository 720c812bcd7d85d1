/** The devtools in a real page: every action, against what the server has seen; 10,000 records; who cannot see or point. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { eventually, expectAccessible, movingIn, openTab, openTabs, withBrowser, withTour } from './harness.ts'

withBrowser()
const tour = withTour()

const address = () => `${tour.url()}frame.html?side=keyturn&tab=A&devtools=1`

interface Log {
  readonly counts: { readonly refresh: number; readonly user: number }
  readonly entries: readonly { readonly call: string; readonly status: number; readonly verdict: string | null }[]
}
const log = async (): Promise<Log> => (await fetch(`${tour.url()}api/demo/log?last=50`)).json()

/** Signed in, with the panel open. */
async function open(): Promise<{ tab: Page; errors: readonly string[]; press: (name: string) => Promise<void> }> {
  await fetch(`${tour.url()}api/demo/reset`, { method: 'POST' })
  const { tab, errors } = await openTab(address())
  await tab.getByRole('button', { name: 'Sign in', exact: true }).click()
  await tab.getByText('signed in', { exact: true }).waitFor()
  // By keyboard, as everything else can be done.
  const press = async (name: string) => {
    await tab.getByRole('button', { name, exact: true }).focus()
    await tab.keyboard.press('Enter')
  }
  return { tab, errors, press }
}

const says = (tab: Page, text: string | RegExp) => tab.locator('[role="status"]', { hasText: text }).waitFor()
const lists = (tab: Page, text: string) => tab.locator('.rows .what', { hasText: text }).first().waitFor()

describe('every action, and what the server sees of it', () => {
  test('renew now: one refresh', async () => {
    const { tab, press, errors } = await open()
    // A session this young is not renewed before it is a second old.
    await press('Renew now')
    await says(tab, 'Renewed.')
    expect((await log()).counts.refresh).toBe(1)
    await lists(tab, 'The server says: renewed')
    expect(errors).toEqual([])
  })

  test('expire now: the next request gets a real 401, one refresh, and its answer', async () => {
    const { tab, press } = await open()
    await press('Expire now')
    await says(tab, 'The server refuses the access token from now on')
    await press('Send a request')
    await tab.getByText('1 answered').waitFor()
    const { counts, entries } = await log()
    expect(counts.refresh).toBe(1)
    expect(entries.filter(({ call }) => call === 'user').map(({ status }) => status)).toEqual([403, 200])
    await lists(tab, 'is sent again')
  })

  test('requests get 401: one refresh does not help, and nobody is signed out', async () => {
    const { tab, press } = await open()
    await press('Requests get 401')
    await press('Send a request')
    await tab.getByText('1 failed').waitFor()
    expect((await log()).counts.refresh).toBe(1)
    await tab.getByText('signed in', { exact: true }).waitFor()
  })

  test('drop the refresh token: the server refuses the next refresh, and the session ends', async () => {
    const { tab, press } = await open()
    await press('Drop refresh token')
    await press('Renew now')
    await tab.getByText('The server ended the session.').waitFor()
    expect((await log()).entries.filter(({ call }) => call === 'refresh').map(({ verdict }) => verdict)).toEqual([
      'refused',
    ])
  })

  test.each(['offline', '429', '500', 'hang'])(
    'auth server %s: no refresh reaches it, and nobody is signed out',
    async (fault) => {
      const { tab, press } = await open()
      await tab.getByLabel('Auth server answers').selectOption(fault)
      await press('Renew now')
      if (fault === 'hang') await lists(tab, 'Asks the server for new tokens')
      else await lists(tab, 'The server says: unavailable')
      expect((await log()).counts.refresh).toBe(0)
      await tab.getByText('signed in', { exact: true }).waitFor()
    },
  )

  test.each([
    ['Sign out here', 'Signed out. The server confirmed it.'],
    ['Sign out everywhere', 'Signed out on all devices. The server confirmed it.'],
  ])('%s', async (action, words) => {
    const { tab, press } = await open()
    await press(action)
    await says(tab, words)
    await tab.getByText('You signed out.').waitFor()
    const { entries } = await log()
    expect(entries.filter(({ call }) => call === 'sign_out').map(({ status }) => status)).toEqual([204])
  })
})

test('a second tab has a lane of its own, and the first shows what it does', async () => {
  await fetch(`${tour.url()}api/demo/reset`, { method: 'POST' })
  const { pages } = await openTabs(address(), 2)
  const [one, two] = pages as [Page, Page]
  await one.getByRole('button', { name: 'Sign in', exact: true }).click()
  await two.getByText('signed in', { exact: true }).waitFor()
  await two.getByRole('button', { name: 'Renew now' }).click()
  await one.locator('.rows .what', { hasText: 'Asks the server for new tokens' }).waitFor()
  await eventually(async () => expect(await one.locator('.timeline .name').count()).toBe(2))
  expect(await one.getByLabel('Tab', { exact: true }).locator('option').count()).toBe(3)
})

test('10,000 records: it draws only what is in sight, and stays usable while scrolling and filtering', async ({
  annotate,
}) => {
  const { tab } = await open()
  const took = await tab.evaluate(async () => {
    const now = Date.now()
    const records = Array.from({ length: 12_000 }, (_, n) => {
      const request = Math.floor(n / 2)
      const step = n % 2 ? { step: 'answered', request, status: 200 } : { step: 'request', request, state: 'sent' }
      return { n: n + 1, time: now - 12_000 + n, record: { at: now, session: 's', version: 1, ...step } }
    })
    const channel = new BroadcastChannel('keyturn-devtools:auth-token,refresh-token,,/')
    for (const name of [...Array(3).keys()].slice(1)) {
      channel.postMessage({ from: `load-${name}`, label: '', records: records.slice((name - 1) * 6_000, name * 6_000) })
    }
    const root = document.querySelector('[data-keyturn-devtools]')?.shadowRoot
    const frames: number[] = []
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))
    const list = () => root?.querySelector('.rows') as HTMLElement
    while (list().querySelector<HTMLElement>('.sizer')?.style.height !== `${10_000 * 24}px`) await frame()
    for (let at = 0; at < 30; at++) {
      const before = await frame()
      list().scrollTop = at * 7_000
      frames.push((await frame()) - before)
    }
    const scrolled = frames.splice(0)
    const input = root?.querySelector('input[type="search"]') as HTMLInputElement
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
    for (const words of ['r', 're', 'req', 'reque', 'request 1', 'request 12', '']) {
      const before = await frame()
      set?.call(input, words)
      input.dispatchEvent(new Event('input', { bubbles: true }))
      frames.push((await frame()) - before)
    }
    const middle = (list: number[]) => Math.round(list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0)
    return {
      scroll: middle(scrolled),
      filter: middle(frames),
      rows: root?.querySelectorAll('.rows .row').length ?? 0,
      shapes: root?.querySelectorAll('.timeline svg *').length ?? 0,
    }
  })
  await annotate(`10,000 records: a frame takes ${took.scroll} ms while scrolling, ${took.filter} ms while filtering`)
  expect(took.rows).toBeLessThan(80)
  expect(took.shapes).toBeLessThan(6_000)
})

test('it works under the strict policy, and copies a report without token or person', async () => {
  const { tab, errors } = await open()
  await tab.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await tab.getByRole('button', { name: 'Copy report' }).click()
  await says(tab, 'The report was copied.')
  const report = await tab.evaluate(() => navigator.clipboard.readText())
  expect(JSON.parse(report)).toMatchObject({ inspection: { status: 'authenticated' } })
  const cookies = await tab.context().cookies()
  for (const { name, value } of cookies) if (name.endsWith('-token')) expect(report).not.toContain(value.slice(0, 40))
  expect(report).not.toContain('ada@')
  expect(errors).toEqual([])
})

test.each([
  ['light', 1280],
  ['dark', 375],
] as const)('axe finds nothing in any view, in %s colours at %i px', async (colorScheme, width) => {
  const { tab } = await open()
  await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await tab.setViewportSize({ width, height: 720 })
  for (const view of ['Timeline', 'Session', 'Warnings']) {
    await tab.getByRole('tab', { name: view }).click()
    await expectAccessible(tab)
  }
  await tab.keyboard.press('Escape')
  await tab.getByRole('button', { name: /Open the Keyturn devtools/ }).waitFor()
  await expectAccessible(tab)
})

test('nothing moves for who prefers reduced motion, not even what is under way', async () => {
  const { tab } = await open()
  const moving = async (): Promise<string[]> => {
    await tab.evaluate(() => {
      const root = document.querySelector('[data-keyturn-devtools]')?.shadowRoot
      for (const dot of root?.querySelectorAll('.dot') ?? []) dot.classList.add('busy')
    })
    return movingIn(tab)
  }
  await tab.emulateMedia({ reducedMotion: 'no-preference' })
  expect((await moving()).filter((name) => name.includes('busy'))).not.toEqual([])
  await tab.emulateMedia({ reducedMotion: 'reduce' })
  expect(await moving()).toEqual([])
})
