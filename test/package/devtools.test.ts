/** The devtools in a bundle of an app: all of them in development, nothing in production. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Consumer, installPackage } from './consumer.ts'

let consumer: Consumer
beforeAll(() => {
  consumer = installPackage()
})
afterAll(() => consumer?.remove())
afterEach(() => void vi.unstubAllEnvs())

const app = (devtools: boolean) => `
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { cookieStorage, createAuth, restBackend } from 'keyturn'
${devtools ? "import { AuthDevtools } from 'keyturn/devtools'" : 'const AuthDevtools = (_) => null'}
const auth = createAuth({ backend: restBackend({ baseUrl: '/api' }), storage: cookieStorage() })
createRoot(document.body).render(createElement(AuthDevtools, { auth }))`

/** Bundles the app as Vite does in a mode, but for React, which is the app's own. */
async function bundle(devtools: boolean, mode: 'production' | 'development'): Promise<string> {
  const folder = dirname(dirname(consumer.installed))
  const entry = join(folder, `app-${devtools}.js`)
  writeFileSync(entry, app(devtools))
  // Vite goes by it, and by `mode` only where it is not set.
  vi.stubEnv('NODE_ENV', mode)
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    mode,
    build: {
      write: false,
      minify: true,
      lib: { entry, formats: ['es'], fileName: 'app' },
      rolldownOptions: { external: /^react/ },
    },
  })
  const [{ output }] = built as unknown as [{ output: { code: string }[] }]
  // Without the names of the files that its parts came from.
  return output
    .map(({ code }) => code)
    .join('\n')
    .replace(/^\/\/ .*\n/gm, '')
}

test('in production an app with <AuthDevtools> is byte for byte an app with a component that renders nothing', async () => {
  const [without, withThem] = [await bundle(false, 'production'), await bundle(true, 'production')]
  expect(withThem).toBe(without)
  expect(without.length).toBeGreaterThan(10_000)
  for (const trace of ['keyturn.rig', 'keyturn-devtools', 'adoptedStyleSheets']) expect(withThem).not.toContain(trace)
})

test('in development they are there, and the auth has its rig', async () => {
  const code = await bundle(true, 'development')
  for (const trace of ['keyturn.rig', 'keyturn-devtools', 'adoptedStyleSheets']) expect(code).toContain(trace)
})
