import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { linesOf, planted, timesFound } from './cli/planted.mjs'

const lines = planted.flatMap((mistake) => linesOf(mistake).map((line) => ({ id: mistake.id, ...line })))

test.each(lines)('the line that $id changes is in $file exactly once', ({ file, find, replace }) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  expect(timesFound(find, text)).toBe(1)
  expect(replace).not.toBe(find)
})

test('every mistake has an id of its own', () => {
  expect(new Set(planted.map(({ id }) => id)).size).toBe(planted.length)
})
