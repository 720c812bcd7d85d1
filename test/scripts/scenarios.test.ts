import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { numberedNames, SECTIONS, wrongScenarios } from '../../scripts/check-scenarios.mjs'

const root = new URL('../..', import.meta.url).pathname
const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** What the checks say of a project with one test file and a page with every row, where the scenario 1 has these tests. */
function check(first: string, { missing = '', title = 'one refresh for all' } = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'scenarios-'))
  made.push(folder)
  const rows = (numbers: readonly string[]) =>
    numbers
      .filter((number) => number !== missing)
      .map((number) => `| ${number} | What | ${number === '1' ? first : '–'} |`)
  const page = Object.entries(SECTIONS).map(([name, numbers]) =>
    [`## ${name}`, '', '| | What | Tests |', '| --- | --- | --- |', ...rows(numbers)].join('\n'),
  )
  const files = {
    'docs/scenarios.md': ['# Scenarios', ...page].join('\n\n'),
    'test/core/some.test.ts': `describe('a group', () => {\n  test.each([1])('${title}', () => {})\n})\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return [...wrongScenarios(folder), ...numberedNames(folder)]
}

test('docs/scenarios.md names tests that are there', () => {
  expect(wrongScenarios(root)).toEqual([])
})

test('no test is named by a number', () => {
  expect(numberedNames(root)).toEqual([])
})

test.each([
  ['a test', '`core/some` one refresh for all'],
  ['a group of tests', '`core/some` a group'],
  ['several', '`core/some` one refresh for all<br>`core/some` a group'],
  ['none yet', '–'],
])('a row may name %s', (_what, tests) => {
  expect(check(tests)).toEqual([])
})

test('a test that is not there is told of', () => {
  expect(check('`core/some` one refresh for all<br>`core/some` two refreshes')).toEqual([
    'Scenarios: 1: test/core/some has no test "two refreshes"',
    'Faults: 1: test/core/some has no test "two refreshes"',
  ])
})

test('a file that is not there, and a test without a file, are told of', () => {
  expect(check('`core/other` one refresh for all')[0]).toMatch(/^Scenarios: 1 names no test file/)
  expect(check('one refresh for all')[0]).toMatch(/^Scenarios: 1 names no test file/)
})

test('a number without a row is told of', () => {
  expect(check('–', { missing: 'T4-36' })).toEqual(['Traps: T4-36 has no row'])
})

test.each([
  'scenario 4: one refresh',
  'scenarios 4 and 5: one refresh',
  'A9, T4-15: one refresh',
  'fault 12: one refresh',
])('a test that is named by a number is told of: %s', (title) => {
  expect(check('–', { title })).toEqual([expect.stringContaining(`"${title}" is named by a number`)])
})
