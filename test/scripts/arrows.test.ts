import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { forbiddenImports } from '../../scripts/arrows.mjs'

const root = new URL('../..', import.meta.url).pathname
const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true })
})

/** What the check says of a `src` with these files. */
function check(files: Readonly<Record<string, string>>): string[] {
  const src = mkdtempSync(join(tmpdir(), 'arrows-'))
  made.push(src)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true })
    writeFileSync(join(src, name), text)
  }
  return forbiddenImports(src)
}

test('the imports of src go along the arrows', () => {
  expect(forbiddenImports(join(root, 'src'))).toEqual([])
})

test.each([
  ['a value', `import { readPage } from '../browser/page.ts'`],
  ['a type', `import type { Page } from '../browser/page.ts'`],
  ['a name on a line of its own', `import {\n  readPage,\n} from '../browser/page.ts'`],
  ['a file for its effects', `import '../browser/page.ts'`],
  ['what is handed on', `export * from '../browser/page.ts'`],
  ['what is loaded later', `export const load = () => import('../browser/page.ts')`],
  ['the type of a file', `export type Page = typeof import('../browser/page.ts')`],
  ['a detour over a folder above', `import { readPage } from '../../src/../src/browser/page.ts'`],
])('core must not import the browser: %s', (_what, line) => {
  const [first, ...more] = check({ 'core/deep/refresh.ts': line.replaceAll('../browser', '../../browser') })
  expect(first).toMatch(/^src\/core\/deep\/refresh\.ts must not import .*browser\/page\.ts$/)
  expect(more).toEqual([])
})

test.each([
  ['axios', '../core/create-engine.ts', 'core/create-engine.ts'],
  ['node', '../react/index.ts', 'react/index.ts'],
  ['node', '../browser/ports.ts', 'browser/ports.ts'],
  ['session-service', '../core/types.ts', 'core/types.ts'],
  ['backends', '../testing/index.ts', 'testing/index.ts'],
  ['storage', '../index.ts', 'index.ts'],
  ['testing', 'node:fs', 'node:fs'],
  ['core', 'react', 'react'],
])('%s must not import %s', (folder, target, told) => {
  expect(check({ [`${folder}/some.ts`]: `import '${target}'` })).toEqual([
    `src/${folder}/some.ts must not import ${told}`,
  ])
})

test('a file in src itself must not import an entry for one kind of app', () => {
  expect(check({ 'index.ts': `export * from './react/index.ts'` })).toEqual([
    'src/index.ts must not import react/index.ts',
  ])
})

test('what the table allows passes: its own files, files of others, packages', () => {
  expect(
    check({
      'axios/attach.ts': `import axios from 'axios'\nimport './deep/own.ts'\nimport type { Auth } from '../core/types.ts'`,
      'node/deep/file.ts': `import 'node:fs'\nimport '../../core/create-engine.ts'`,
      'create-auth.ts': `import './core/create-engine.ts'\nimport './limits.ts'`,
      'core/text.ts': `// import '../react/index.ts'\nexport const text = "import '../react/index.ts'"`,
    }),
  ).toEqual([])
})

test('a folder without a line in the table is told of', () => {
  expect(check({ 'cache/some.ts': 'export const some = 1' })).toEqual([
    'src/cache/some.ts: src/cache has no line in scripts/arrows.mjs',
  ])
})

test('a global of the browser is refused outside of src/browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'globals-'))
  made.push(folder)
  copyFileSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  for (const room of ['core', 'browser']) {
    mkdirSync(join(folder, 'src', room), { recursive: true })
    writeFileSync(join(folder, 'src', room, 'some.ts'), 'export const here = (): string => location.href\n')
  }
  const { stderr } = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '--vcs-enabled=false', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stderr.match(/src\/\w+\/some\.ts:1:\d+ lint\/style\/noRestrictedGlobals/g)).toEqual([
    expect.stringContaining('src/core/some.ts'),
  ])
})

test('npm run lint runs the check', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(scripts.lint).toContain('node scripts/arrows.mjs')
})
