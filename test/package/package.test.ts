import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Consumer, installPackage, type Resolution, root } from './consumer.ts'
import { codeBlocks, prelude } from './readme.ts'

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

const RESOLUTIONS: readonly Resolution[] = ['Bundler', 'NodeNext']

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = codeBlocks(readme)
const blocksOf = (page: string) => codeBlocks(readFileSync(join(root, `docs/${page}.md`), 'utf8'))
const recipes = blocksOf('back-ends')
const pages = ['devtools', 'sign-in-in-place', 'testing'] as const
const filesOf = (chosen: typeof blocks) => Object.fromEntries(chosen.map(({ file, text }) => [file, text]))

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

// ---- What the compiler says -----------------------------------------------------------------------------------------

test.each(RESOLUTIONS)("the README's quick start compiles as it stands, under %s", (resolution) => {
  const start = blocks.slice(0, 3)
  expect(start.map(({ file }) => file)).toEqual(['auth.ts', 'main.tsx', 'profile.tsx'])
  // The app itself is the reader's.
  const app = "import { Profile } from './profile.js'\nexport const App = () => <Profile />\n"
  expect(consumer.compile({ ...filesOf(start), 'app.tsx': app }, resolution)).toBe('')
})

test.each(RESOLUTIONS)('every code block of the README compiles, under %s', (resolution) => {
  expect(blocks.length).toBeGreaterThan(8)
  const app = 'export const App = () => null\n'
  expect(consumer.compile({ ...filesOf(blocks), 'app.tsx': app, 'prelude.d.ts': prelude }, resolution)).toBe('')
})

test.each(pages)('the code of docs/%s.md compiles', (page) => {
  const code = blocksOf(page)
  expect(code.length).toBeGreaterThan(0)
  for (const resolution of RESOLUTIONS)
    expect(consumer.compile({ ...filesOf(code), 'prelude.d.ts': prelude }, resolution)).toBe('')
})

test.each(RESOLUTIONS)('every recipe for a back end compiles, under %s', (resolution) => {
  expect(recipes.length).toBeGreaterThan(12)
  expect(consumer.compile({ ...filesOf(recipes), 'prelude.d.ts': prelude }, resolution)).toBe('')
})

test.each(['server', 'oauth', 'ways-in'])('the code of docs/%s.md compiles', (page) => {
  const docs = blocksOf(page)
  expect(docs.length).toBeGreaterThan(1)
  const start = blocks.filter(({ file }) => file === 'auth.ts')
  const app = 'export const App = () => null\n'
  expect(
    consumer.compile({ ...filesOf([...start, ...docs]), 'app.tsx': app, 'prelude.d.ts': prelude }, 'Bundler'),
  ).toBe('')
})

test('a recipe for a back end has ten lines at most, beside its imports', () => {
  const long = recipes.filter(({ text }) => text.includes('restBackend({')).map(({ text }) => text.split('\n'))
  expect(long.length).toBeGreaterThan(10)
  // The last two are the test's own: an export, and nothing.
  const count = (lines: string[]) => lines.slice(0, -2).filter((line) => line && !/^import/.test(line)).length
  expect(long.filter((lines) => count(lines) > 10).map((lines) => lines.join('\n'))).toEqual([])
})

test("the README's example of a test passes", () => {
  const { text = '' } = blocks.find(({ file }) => file === 'renewal.test.ts') ?? {}
  const runner = `
    import assert from 'node:assert/strict'
    const expect = (value) => ({ toBe: (other) => assert.equal(value, other) })
    const test = async (name, run) => console.log('passed:', name, await run())`
  const code = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText
  expect(consumer.run(`${runner}\n${code.replace(/^import .* from 'vitest';?$/m, '')}`)).toMatch(/^passed: a session/)
})

/** Each expectation of an error is one that the compiler would report as unused if the error went away. */
const USE = `
import axios from 'axios'
import { type Auth, type AuthErrorCode, type AuthState, cookieStorage, createAuth, memoryStorage, restBackend } from 'keyturn'
import { attachAuth } from 'keyturn/axios'
import { createAuthFetch } from 'keyturn/fetch'
import { AuthProvider, RequireAuth, useAuth, useAuthEvent } from 'keyturn/react'

declare module 'keyturn/react' {
  interface AuthTypes {
    user: { id: string; name: string }
    credentials: { email: string; password: string }
  }
}

interface Person { readonly id: string; readonly name: string }
const backend = restBackend<Person>({ baseUrl: '/api', toUser: (user) => user as Person })
const auth = createAuth({ backend, storage: memoryStorage() })
const typed: Auth<Person, { readonly email: string; readonly password: string }> = auth

// The augmentation of axios survives the bundling of declarations.
const api = axios.create({ baseURL: '/api' })
const detach: () => void = attachAuth(api, auth, { origins: ['https://api.example.test'] })
void api.get('/x', { skipAuth: true })
void api.post('/x', {}, { skipAuth: true })
void api.request({ url: '/x', skipAuth: true })
// @ts-expect-error not a boolean
void api.get('/x', { skipAuth: 'yes' })
// @ts-expect-error no such option
attachAuth(api, auth, { origin: 'https://api.example.test' })

const authFetch: typeof fetch = createAuthFetch(auth)
void createAuthFetch(auth)('/x', { skipAuth: true })

// @ts-expect-error no such option
createAuth({ backend, storage: memoryStorage(), refreshThreshold: 5 })
// @ts-expect-error no storage
createAuth({ backend })
// @ts-expect-error no such option; js-cookie has none of that name either
cookieStorage({ maxAge: 30 })
// @ts-expect-error no address
restBackend({})
// @ts-expect-error no such event
auth.on('logged_out', () => {})
auth.on('signed_in', ({ user }) => user.name)
auth.on('signed_out', ({ reason }) => reason === 'other_tab')
// @ts-expect-error no such reason
auth.on('signed_out', ({ reason }) => reason === 'logout')
// @ts-expect-error not these credentials
void auth.signIn({ name: 'ada' })
// @ts-expect-error no such scope
void auth.signOut({ scope: 'everywhere' })

const state: AuthState<Person> = auth.getState()
// @ts-expect-error nobody may be signed in
state.user.name
if (state.status === 'authenticated') state.user.name
// @ts-expect-error only whoever is signed out has a reason
state.reason
if (state.status === 'unauthenticated') state.reason

const describe = (code: AuthErrorCode) => code
describe('token_refused')
// @ts-expect-error the union is closed
describe('logged_out')

function Profile() {
  const { status, user, signIn } = useAuth()
  useAuthEvent('refreshed', ({ by }) => by === 'other_tab')
  // @ts-expect-error no such event
  useAuthEvent('logout', () => {})
  // @ts-expect-error not these credentials
  void signIn({ name: 'ada' })
  // @ts-expect-error nobody may be signed in
  user.name
  const name: string | undefined = useAuth((view) => view.user?.name)
  return status === 'authenticated' ? <b>{user.name}</b> : name
}
export const page = (
  <AuthProvider auth={auth}>
    <RequireAuth redirectTo="/sign-in" pending="…" fallback={null}><Profile /></RequireAuth>
  </AuthProvider>
)
// @ts-expect-error a way to navigate, but nowhere to go
export const lost = <RequireAuth navigate={() => {}} />
export { authFetch, detach, typed }
`

test.each(RESOLUTIONS)('right use compiles and wrong use does not, under %s', (resolution) => {
  expect(consumer.compile({ 'use.tsx': USE }, resolution)).toBe('')
})

test('the declarations themselves hold no error', () => {
  const entries = Object.keys(EXPORTS).map((entry) => `export type * from '${entry.replace('.', 'keyturn')}'\n`)
  const files = Object.fromEntries(entries.map((text, index) => [`entry-${index}.ts`, text]))
  const words = consumer.compile(files, 'NodeNext', { skipLibCheck: false, exactOptionalPropertyTypes: true })
  // What is wrong in the declarations of others is not ours.
  // Nor are Node's own types, which an app on Node has.
  const others = /^\s|node_modules\/(?!keyturn\/)|Cannot find name 'node:/
  const ours = words.split('\n').filter((line) => line && !others.test(line))
  expect(ours).toEqual([])
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
