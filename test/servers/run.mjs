// Installs the real auth servers where that has not been done, and runs their tests.
//   npm run test:servers                 all of them
//   npm run test:servers -- payload      those whose path has this word
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const words = process.argv.slice(2)

function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const changed = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

/** Directus is built natively, for minutes, and frameworks bring much along: packages of their own, so that the others need not wait. */
const own = ['directus', 'react-router', 'next']
const folders = ['heavy/programs', ...own.map((name) => `heavy/programs/${name}`)].filter(
  (folder) => !words.length || words.some((word) => folder.includes(word)) || folder === 'heavy/programs',
)
for (const folder of folders) {
  const path = join(here, folder)
  const installed = changed(join(path, 'node_modules/.package-lock.json'))
  if (installed < changed(join(path, 'package-lock.json'))) run('npm', ['ci', '--no-audit', '--no-fund'], path)
}
run('npm', ['run', 'build'], join(here, '../..'))
run(process.execPath, [join(here, '../../scripts/ensure-browser.mjs')])
run('npx', ['vitest', 'run', '--config', join(here, 'vitest.config.ts'), ...words], join(here, '../..'))
