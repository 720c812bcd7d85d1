/** Everything that Vite does here: it builds and serves the demo, and it runs the tests (Vitest reads this file too). */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import react from '@vitejs/plugin-react'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const fromHere = (path: string): string => new URL(path, import.meta.url).pathname

/** Puts the demo's back end behind the same address as the page, in `vite dev` and in `vite preview`. */
function demoBackend(): Plugin {
  const mount: Plugin['configurePreviewServer'] = async (server) => {
    // Not at the top: tests read this file as well, and have no use for a back end.
    const { createDemoBackend } = await import('./demo/server/demo-server.ts')
    const backend = await createDemoBackend()
    server.middlewares.use(backend.middleware)
    server.httpServer?.once('close', () => void backend.close())
  }
  return {
    name: 'demo-backend',
    configureServer: mount as Plugin['configureServer'] & object,
    configurePreviewServer: mount,
  }
}

/** No inline script, no text that becomes a script, nothing from elsewhere. In `vite dev` it would stop Vite's own. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
]

const headers = {
  'Content-Security-Policy': [...policy, "frame-ancestors 'self'", "trusted-types 'none'"].join('; '),
  'X-Content-Type-Options': 'nosniff',
}

/** The tour where nobody can run a server: its server is a worker of the page, and what headers would say, its pages say. */
function staticSite(): Plugin {
  // By a meta tag a page cannot say who may frame it (`frame-ancestors`), and the workers, files without headers, have no policy.
  // The one policy for trusted types lets the two workers start.
  const content = [...policy, "worker-src 'self'", 'trusted-types default'].join('; ')
  return {
    name: 'static-site',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' },
    ],
    generateBundle() {
      const source = readFileSync(createRequire(import.meta.url).resolve('msw/mockServiceWorker.js'))
      this.emitFile({ type: 'asset', fileName: 'mockServiceWorker.js', source })
    },
  }
}

/** `npm run demo` builds it in the mode `production`, `npm run demo:static` in the mode `static`. */
const demo = (mode: string): UserConfig => ({
  root: fromHere('demo/app'),
  plugins: [react(), mode === 'static' ? staticSite() : demoBackend()],
  // A static site may lie below any path.
  ...(mode === 'static' ? { base: './', worker: { format: 'es' } } : {}),
  server: { fs: { allow: [fromHere('.')] } },
  // Not below the package's own dist, which is emptied by each build and published.
  build: {
    outDir: fromHere(mode === 'static' ? 'demo/site' : 'demo/dist'),
    emptyOutDir: true,
    rolldownOptions: { input: [fromHere('demo/app/index.html'), fromHere('demo/app/frame.html')] },
  },
  ...(mode === 'static' ? {} : { preview: { headers } }),
})

const environmentOptions = { jsdom: { url: 'https://app.example.test/' } }

const unit: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'unit',
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: [
      'test/browser/**',
      'test/package/**',
      'test/servers/**',
      'test/session-service/services/**',
      'test/node/**',
      'test/playwright/**',
    ],
    // By default one core is left to Vitest itself, which hardly needs it.
    maxWorkers: '100%',
    environmentOptions,
  },
}

const browser: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'browser',
    include: ['test/browser/**/*.test.ts'],
    // Last, and one file after the other: they measure real time. The files share the built page and the libraries.
    fileParallelism: false,
    isolate: false,
    sequence: { groupOrder: 2 },
  },
}

const servers: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'servers',
    // The heavy ones have packages of their own to install: `npm run test:servers`.
    include: ['test/servers/light/**/*.test.ts'],
    // They wait more than they work.
    maxWorkers: 2,
    isolate: false,
    sequence: { groupOrder: 3 },
  },
}

/** The session service on real databases, over processes of the built package. */
const services: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'services',
    include: ['test/session-service/services/**/*.test.ts'],
    sequence: { groupOrder: 1 },
  },
}

/** The Node side, with real processes, files and databases; they measure real time. */
const processes: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'processes',
    include: ['test/{node,playwright}/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { groupOrder: 3 },
  },
}

const packed: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'package',
    sequence: { groupOrder: 1 },
    include: ['test/package/**/*.test.ts'],
  },
}

/**
 * The tests that judge mutants: those of the mutated folders themselves. Of axios's three adapters one is enough, for
 * what the kit does to a request is the same over each.
 */
const mutation: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'mutation',
    include: [
      'test/{core,storage,tokens,fetch}/**/*.test.ts',
      'test/axios/{attach,origins,odd-answers,fetch-adapter,secrets}.test.ts',
    ],
    environmentOptions,
    isolate: false,
    pool: 'threads',
  },
}

export default defineConfig(({ mode }) => ({
  // `keyturn` and its entries are their sources, as tsconfig.json says.
  resolve: { tsconfigPaths: true },
  ...(mode === 'test'
    ? {
        test: {
          // Only what hangs for good ends by these: no test fails because the machine is busy.
          testTimeout: 600_000,
          hookTimeout: 600_000,
          teardownTimeout: 300_000,
          reporters: ['default', './scripts/summary-reporter.mjs'],
          // Stryker, which plants the mutants, names its workers.
          projects:
            process.env.STRYKER_MUTATOR_WORKER === undefined
              ? [unit, browser, servers, packed, services, processes]
              : [mutation],
        },
      }
    : demo(mode)),
}))
