// Checks docs/scenarios.md: each test that it names is there, each number has a row, and no test is named by a number instead.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const range = (to, prefix = '') => Array.from({ length: to }, (_, index) => `${prefix}${index + 1}`)

/** The sections of the page, and the numbers that each must have. */
export const SECTIONS = {
  Scenarios: range(30),
  'Acceptance list': range(12, 'A'),
  Traps: range(55, 'T4-'),
  Faults: range(40),
}

/** How a test is not named: its numbers stand in docs/scenarios.md. */
const CODE = /^(?:scenarios?|faults?) \d|^(?:A\d+|T4-\d+)[,:]/

/** The names of the tests in a file, and of their groups, as they are written there. */
export function namesIn(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const names = new Set()
  const caller = (node) =>
    ts.isIdentifier(node) ? node.text : 'expression' in node && node.expression ? caller(node.expression) : ''
  const visit = (node) => {
    const [name] = ts.isCallExpression(node) ? node.arguments : []
    if (name && ts.isStringLiteralLike(name) && /^(?:test|it|describe)$/.test(caller(node))) names.add(name.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

const rowsOf = (text) =>
  text
    .split('\n')
    .filter((line) => /^\| (?!-|\| )/.test(line))
    .map((line) => line.slice(2, -2).split(' | '))

/** One line for whatever is wrong. `root` is the folder of the project. */
export function wrongScenarios(root) {
  const wrong = []
  const read = new Map()
  const namesOf = (path) => {
    const file = ['.test.ts', '.test.tsx', '.ts'].map((end) => join(root, 'test', path + end)).find(existsSync)
    if (!read.has(path)) read.set(path, file ? namesIn(file) : null)
    return read.get(path)
  }
  const page = readFileSync(join(root, 'docs/scenarios.md'), 'utf8')
  const sections = new Map(page.split(/^## /m).map((text) => [text.slice(0, text.indexOf('\n')), text]))
  for (const [section, numbers] of Object.entries(SECTIONS)) {
    const rows = new Map(rowsOf(sections.get(section) ?? '').map((cells) => [cells[0], cells]))
    for (const number of numbers) {
      const [, meaning, tests] = rows.get(number) ?? []
      if (!meaning || !tests) {
        wrong.push(`${section}: ${number} has no row`)
        continue
      }
      for (const named of tests === '–' ? [] : tests.split('<br>')) {
        const [, path, name] = /^`([^`]+)` (.+)$/.exec(named.trim()) ?? []
        const names = path ? namesOf(path) : null
        if (!names) wrong.push(`${section}: ${number} names no test file: ${named}`)
        else if (!names.has(name.replace(/\\([|<])/g, '$1')))
          wrong.push(`${section}: ${number}: test/${path} has no test "${name}"`)
      }
    }
  }
  return wrong
}

/** One line for each test that is named by a number. */
export function numberedNames(root) {
  const wrong = []
  for (const file of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(file)) continue
    for (const name of namesIn(join(root, 'test', file)))
      if (CODE.test(name))
        wrong.push(`test/${file}: "${name}" is named by a number, which belongs in docs/scenarios.md`)
  }
  return wrong
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const wrong = [...wrongScenarios(root), ...numberedNames(root)]
  for (const line of wrong) console.error(line)
  process.exitCode = wrong.length ? 1 : 0
}
