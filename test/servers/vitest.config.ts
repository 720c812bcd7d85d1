import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Not among the projects of `npm test`: these servers have packages of their own to install. `npm run test:servers` does both.
export default defineConfig({
  // `keyturn` and its entries are their sources, as tsconfig.json says.
  resolve: { tsconfigPaths: true },
  test: {
    reporters: ['default', fileURLToPath(new URL('../../scripts/summary-reporter.mjs', import.meta.url))],
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/servers/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    maxWorkers: 2,
  },
})
