import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const rooms = ['test/browser', 'test/servers/suite']

/** What ends a wait by a number of its own: an option, a default of Playwright's, or Vitest's second where none is given. */
const LIMITS = [
  /\btimeout: [\d_]+/,
  /setDefault(?:Navigation)?Timeout\([\d_]+/,
  /expect\.poll\(/,
  /\bvi\.waitFor\((?!check, \{ timeout: PATIENCE)/,
]

const limitsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => LIMITS.some((limit) => limit.test(line)))

test('no wait of the browser tests ends by a time limit of its own: a busy machine fails none of them', () => {
  const found = rooms.flatMap((room) =>
    readdirSync(root + room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => limitsIn(readFileSync(`${root}${room}/${file}`, 'utf8')).map((line) => `${file}: ${line}`)),
  )
  expect(found).toEqual([])
})

test.each([
  'context.setDefaultTimeout(10_000)',
  'await tab.goto(url, { timeout: 10000 })',
  'await vi.waitFor(() => expect(seen()).toBe(3))',
  'await expect.poll(() => count()).toBe(3)',
])('such a limit is found: %s', (line) => {
  expect(limitsIn(line)).toEqual([line])
})
