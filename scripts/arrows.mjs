// Fails when a folder of src imports what the table does not allow it. Part of `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const FACE = ['core/types.ts', 'core/errors.ts']
const PORTS = [...FACE, 'core/ports.ts']
const REQUESTS = [...FACE, 'core/origins.ts', 'requests/*']
const HOST = ['core/*', 'tokens/*', 'storage/*', 'backends/*', 'node:*']

/**
 * What each folder may import beside its own files: files of other folders, and packages. `*` at the end stands for
 * anything. `.` is the files of src itself, which put the parts together.
 */
export const MAY = {
  '.': ['core/*', 'browser/*', 'tokens/*', 'storage/*', 'backends/*'],
  core: [],
  browser: PORTS,
  tokens: [...PORTS, 'jwt-decode'],
  storage: [...PORTS, 'core/record.ts', 'browser/cookies.ts', 'js-cookie'],
  backends: [...PORTS, 'core/redact.ts', 'tokens/read-token.ts', 'browser/cookies.ts'],
  requests: [...FACE, 'core/origins.ts', 'browser/cookies.ts', 'browser/later.ts'],
  axios: [...REQUESTS, 'axios'],
  fetch: REQUESTS,
  react: [...FACE, 'browser/page.ts', 'react'],
  supabase: [...FACE, 'tokens/*', 'backends/supabase*', 'browser/page.ts', 'browser/web-storage.ts', 'js-cookie'],
  idle: [...PORTS, 'browser/activity.ts', 'browser/web-storage.ts'],
  oauth: [
    ...PORTS,
    'tokens/read-token.ts',
    'backends/*',
    'browser/page.ts',
    'browser/leaving.ts',
    'browser/key-store.ts',
    'oauth4webapi',
  ],
  server: ['core/*', 'tokens/*', 'storage/*', 'backends/*', 'jose'],
  devtools: [...PORTS, 'rig.ts', 'react', 'react-dom'],
  testing: ['core/*', 'tokens/*', 'storage/*', 'jose', '@noble/*', '@playwright/test'],
  node: HOST,
  steam: [...HOST, 'node/*'],
  'web-session': [...HOST, 'node/*'],
  cli: [...HOST, 'node/*', 'steam/*', 'web-session/*', 'session-service/*'],
  'session-service': ['node:*', 'redis', 'pg'],
}

const matches = (rule, target) => (rule.endsWith('*') ? target.startsWith(rule.slice(0, -1)) : target === rule)

/** Everything that a file names after `from` or in `import()`, for its types too. */
const importsOf = (text) => ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)

/** One line for each import below `src` that the table does not allow. */
export function forbiddenImports(src) {
  const wrong = []
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    const file = name.replaceAll('\\', '/')
    if (!/\.tsx?$/.test(file)) continue
    const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : '.'
    const allowed = Object.hasOwn(MAY, folder) ? MAY[folder] : []
    const home = folder === '.' ? (target) => !target.includes('/') : (target) => target.startsWith(`${folder}/`)
    for (const found of importsOf(readFileSync(join(src, file), 'utf8'))) {
      const target = found.startsWith('.') ? posix.join(posix.dirname(file), found) : found
      if ((found.startsWith('.') && home(target)) || allowed.some((rule) => matches(rule, target))) continue
      wrong.push(`src/${file} must not import ${target}`)
    }
    if (!Object.hasOwn(MAY, folder)) wrong.push(`src/${file}: src/${folder} has no line in scripts/arrows.mjs`)
  }
  return wrong
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = forbiddenImports(fileURLToPath(new URL('../src', import.meta.url)))
  for (const line of wrong) console.error(line)
  process.exitCode = wrong.length ? 1 : 0
}
