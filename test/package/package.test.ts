import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Consumer, installPackage, root } from './consumer.ts'

/** Every name that can be imported, as a value. A change here is a change of the public surface. */
const EXPORTS = {
  '.': ['AuthError', 'cookieStorage', 'createAuth', 'isAuthError', 'memoryStorage', 'restBackend'],
  './axios': ['attachAuth', 'graphqlExpired', 'holdRequests'],
  './backends': [
    'date',
    'judge',
    'kratos',
    'ms',
    'redact',
    'refreshFailure',
    'secretsOf',
    'send',
    'sessionBackend',
    'sessionService',
    'signInFailure',
    'supertokens',
  ],
  './devtools': ['AuthDevtools'],
  './fetch': ['createAuthFetch', 'graphqlExpired', 'holdRequests'],
  './idle': ['idleLimit'],
  './node': [
    'checkpoint',
    'createFleet',
    'createKeeper',
    'createNodeAuth',
    'createSealKey',
    'fileCheckpoints',
    'nodePorts',
    'postgresCheckpoints',
    'postgresSchema',
    'postgresStorage',
    'processLock',
    'sealedBox',
    'sealedFile',
    'sealedProblem',
    'systemClock',
  ],
  './oauth': ['handleCallback', 'oauthBackend'],
  './react': ['AuthProvider', 'RequireAuth', 'readReturnPath', 'useAuth', 'useAuthEvent'],
  './server': ['createServerAuth'],
  './session-service': [
    'SessionServiceError',
    'createSessionClient',
    'createSessionService',
    'fixedKeys',
    'isSessionServiceError',
    'memoryStore',
    'postgresStore',
    'redisStore',
    'secretsService',
    'serveSessions',
  ],
  './steam': ['createSteamAuth', 'steamBackend'],
  './supabase': ['moveSupabaseSession', 'supabaseBackend', 'warnIfClientRefreshes'],
  './testing': [
    'authMatchers',
    'createFakeBrowser',
    'createFakeClock',
    'createFakeSite',
    'createMockAuth',
    'createTestAuth',
    'mswHandlers',
    'resetAuth',
  ],
  './testing/playwright': ['withSession'],
  './web-session': ['adminHandler', 'createWebSession', 'onToken', 'stepOf', 'totpCode', 'writeEnv'],
}

/** The packages that each entry needs, and no others. */
const NEEDS = {
  index: ['js-cookie', 'jwt-decode'],
  axios: ['axios'],
  backends: [],
  cli: ['jwt-decode', 'pg', 'redis'],
  devtools: ['react', 'react-dom'],
  fetch: [],
  idle: [],
  node: ['jwt-decode'],
  oauth: ['oauth4webapi'],
  react: ['react'],
  server: ['jose', 'jwt-decode'],
  'session-service': ['pg', 'redis'],
  steam: ['jwt-decode'],
  supabase: ['js-cookie', 'jwt-decode'],
  testing: ['@noble/hashes', 'jose', 'jwt-decode'],
  'testing-playwright': ['js-cookie'],
  'web-session': ['jwt-decode'],
}

const readme = readFileSync(join(root, 'README.md'), 'utf8')

let consumer: Consumer
const packed = (path: string) => readFileSync(join(consumer.installed, path), 'utf8')

beforeAll(() => {
  consumer = installPackage()
})
afterAll(() => consumer?.remove())

// ---- What is in it --------------------------------------------------------------------------------------------------

test('the tarball holds the build, the README, the licence and package.json, and nothing else', () => {
  const others = consumer.files.filter((path) => !/^dist\/[\w-]+(\.js|\.d\.ts)(\.map)?$/.test(path))
  expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json'])
})

test('every target of the exports map is in the tarball', () => {
  const { exports } = JSON.parse(packed('package.json')) as { exports: Record<string, string | object> }
  const targets = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry)))
  expect(targets.length).toBeGreaterThan(10)
  expect(targets.filter((path) => !consumer.files.includes(path.slice(2)))).toEqual([])
})

test('every source map is there, and tells its sources in full', () => {
  const foreign = new Set<string>()
  for (const path of consumer.files.filter((path) => /^dist\/.*\.js$/.test(path))) {
    const address = /^\/\/# sourceMappingURL=(.+)$/m.exec(packed(path))?.[1]
    // A file that only hands on what stands in others has no map.
    if (!address && /^(import|export)[^\n]*\n?(export [^\n]*\n?)?$/.test(packed(path).replace(/^#!.*\n/, ''))) continue
    expect(address, path).toBeTruthy()
    const map = JSON.parse(packed(join('dist', address ?? ''))) as { sources: string[]; sourcesContent: string[] }
    expect(map.sources.length, path).toBeGreaterThan(0)
    for (const [index, source] of map.sources.entries()) {
      if (!source.startsWith('../src/')) foreign.add(`${path}: ${/node_modules\/([^/]+)/.exec(source)?.[1]}`)
      expect(existsSync(join(root, 'dist', source)), source).toBe(true)
      // The sources are not packed, so the map has to carry them.
      expect(map.sourcesContent[index]?.length, source).toBeGreaterThan(0)
    }
  }
  // Nothing of anybody else is bundled.
  expect([...foreign]).toEqual([])
})

test('no file names a source map that is not there', () => {
  const dangling = consumer.files
    .filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path))
    .filter((path) => {
      const address = /^\/\/# sourceMappingURL=(.+)$/m.exec(packed(path))?.[1]
      return address && !consumer.files.includes(join(dirname(path), address))
    })
  expect(dangling).toEqual([])
})

// ---- What it exports and imports ------------------------------------------------------------------------------------

test.each(Object.entries(EXPORTS))('%s exports these names', (entry, names) => {
  const output = consumer.run(`
    const entry = await import('${entry.replace('.', 'keyturn')}')
    console.log(JSON.stringify(Object.keys(entry)))`)
  expect(JSON.parse(output).sort()).toEqual(names)
})

test('the exports map has these entries and no way past them', () => {
  const { exports } = JSON.parse(packed('package.json')) as { exports: object }
  expect(Object.keys(exports).sort()).toEqual([...Object.keys(EXPORTS), './package.json'].sort())
})

test.each(Object.entries(NEEDS))('the entry %s needs these packages and no others', (entry, needs) => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { fileName } of ts.preProcessFile(packed(path)).importedFiles) {
      if (fileName.startsWith('.')) visit(join(dirname(path), fileName))
      // Which file #rig is, package.json says: neither of the two needs a package.
      else if (!/^(node:|#rig$)/.test(fileName)) packages.add(/^(@[^/]+\/)?[^/]+/.exec(fileName)?.[0] ?? fileName)
    }
  }
  visit(`dist/${entry}.js`)
  expect([...packages].sort()).toEqual(needs)
})

test('every package that is imported is declared', () => {
  const { dependencies, peerDependencies } = JSON.parse(packed('package.json'))
  const declared = Object.keys({ ...dependencies, ...peerDependencies }).sort()
  // The app hands Playwright over: the entries know it by its shape, or by its types alone.
  const handedOver = ['@playwright/test', 'playwright-core']
  expect(declared).toEqual([...new Set([...Object.values(NEEDS).flat(), ...handedOver])].sort())
})

test("'use client' comes first in the entries that render, and in no other", () => {
  const directive = /^['"]use client['"]/
  for (const entry of Object.keys(NEEDS))
    expect(directive.test(packed(`dist/${entry}.js`)), entry).toBe(entry === 'react' || entry === 'devtools')
})

test('on a server createAuth works, finds nobody, and keeps no process alive', () => {
  const output = consumer.run(`
    import { cookieStorage, createAuth, restBackend } from 'keyturn'
    const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: cookieStorage() })
    const { status, reason } = await auth.ready
    console.log(status, reason)`)
  expect(output).toBe('unauthenticated none\n')
})

// ---- What the README says -------------------------------------------------------------------------------------------

test('the README names everything that can be imported', () => {
  const names = Object.values(EXPORTS).flat()
  expect(names.filter((name) => !readme.includes(`\`${name}`) && !readme.includes(`<${name}`))).toEqual([])
})

/** The string literals of a union, or the members of an interface, in a source file. */
function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022)
  const found: string[] = []
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name)
      for (const member of statement.members) if (member.name) found.push(member.name.getText(source))
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name && ts.isUnionTypeNode(statement.type))
      for (const part of statement.type.types)
        if (ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal)) found.push(part.literal.text)
  }
  return found
}

test.each([
  ['src/core/types.ts', 'AuthOptions'],
  ['src/core/types.ts', 'AuthEvents'],
  ['src/core/types.ts', 'SignedOutReason'],
  ['src/core/types.ts', 'Auth'],
  ['src/core/errors.ts', 'AuthErrorCode'],
  ['src/core/errors.ts', 'AuthErrorOptions'],
  ['src/storage/cookie-options.ts', 'CookieStorageOptions'],
  ['src/backends/rest-types.ts', 'RestBackendOptions'],
  ['src/requests/options.ts', 'RequestOptions'],
])('the README tells of every member: %s, %s', (file, name) => {
  const members = membersOf(file, name)
  expect(members.length).toBeGreaterThan(0)
  expect(members.filter((member) => !new RegExp(`\`[^\`\n]*\\b${member}\\b[^\`\n]*\``).test(readme))).toEqual([])
})
