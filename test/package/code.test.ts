/** What the compiler says of the code that people copy, and of the declarations, with the packed kit installed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Consumer, installPackage, type Resolution, root } from './consumer.ts'
import { codeBlocks, prelude } from './readme.ts'

const RESOLUTIONS: readonly Resolution[] = ['Bundler', 'NodeNext']

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = codeBlocks(readme)
const blocksOf = (page: string) => codeBlocks(readFileSync(join(root, `docs/${page}.md`), 'utf8'))
const recipes = blocksOf('back-ends')
const pages = ['devtools', 'sign-in-in-place', 'testing'] as const
const filesOf = (chosen: typeof blocks) => Object.fromEntries(chosen.map(({ file, text }) => [file, text]))

let consumer: Consumer
beforeAll(() => {
  consumer = installPackage()
})
afterAll(() => consumer?.remove())

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
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const names = Object.keys(exports).filter((entry) => entry !== './package.json')
  expect(names.length).toBeGreaterThan(10)
  const entries = names.map((entry) => `export type * from '${entry.replace('.', 'keyturn')}'\n`)
  const files = Object.fromEntries(entries.map((text, index) => [`entry-${index}.ts`, text]))
  const words = consumer.compile(files, 'NodeNext', { skipLibCheck: false, exactOptionalPropertyTypes: true })
  // What is wrong in the declarations of others is not ours.
  // Nor are Node's own types, which an app on Node has.
  const others = /^\s|node_modules\/(?!keyturn\/)|Cannot find name 'node:/
  const ours = words.split('\n').filter((line) => line && !others.test(line))
  expect(ours).toEqual([])
})
