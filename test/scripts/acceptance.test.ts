import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const files = readdirSync(root, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.test.ts'))

/** A test file by how a map names it, beside the map or from `test/`; a folder: all that lie in it. */
function named(folder: string, name: string): string[] {
  const path = name === 'Chromium' ? 'browser/web-session' : name
  for (const start of [`${folder}/${path}`, path])
    for (const fits of [(file: string) => file === `${start}.test.ts`, (file: string) => file.startsWith(`${start}/`)])
      if (files.some(fits)) return files.filter(fits)
  return []
}

/** `…` stands for any words. */
const pattern = (quote: string): RegExp =>
  new RegExp(quote.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*'))

/** Every test that a map names and that is not there. */
function missing(folder: string): string[] {
  const wrong: string[] = []
  const map = readFileSync(new URL(`${folder}/README.md`, root), 'utf8')
  for (const row of map.split('\n').filter((line) => /^\| T?\d/.test(line))) {
    const cell = row.split(' | ').at(-1) ?? ''
    let where: string[] = []
    for (const [, name, chromium, quote] of cell.matchAll(/`([\w/-]+)`|(Chromium):|"([^"]+)"/g)) {
      if (quote === undefined) {
        const found = named(folder, name ?? chromium ?? '')
        // Other words stand in backticks, too.
        if (found.length) where = found
        else if (/^[\w-]+(\/[\w-]+)*$/.test(name ?? '') && (name ?? '').includes('/'))
          wrong.push(`${row}: no file ${name}`)
      } else if (!where.some((file) => pattern(quote).test(readFileSync(new URL(file, root), 'utf8'))))
        wrong.push(`${row}: no test "${quote}"`)
    }
  }
  return wrong
}

test.each([
  ['steam', ['1', '11', 'T0-1', 'T0-18']],
  ['web-session', ['1', '12', 'T2-1', 'T2-19', 'T1-1', 'T1-17']],
])('each line and trap in test/%s/README.md has the tests that it names', (folder, lines) => {
  const map = readFileSync(new URL(`${folder}/README.md`, root), 'utf8')
  for (const line of lines) expect(map).toMatch(new RegExp(`^\\| .*\\b${line}\\b`, 'm'))
  expect(missing(folder)).toEqual([])
})
