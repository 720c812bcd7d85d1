import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^keyturn$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
      { find: /^keyturn\/(\w+)$/, replacement: new URL('./src/$1/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    reporters: ['default', './scripts/summary-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/browser/**', 'test/package/**', 'test/servers/**'],
          // Some run through weeks of fake time, minute by minute, beside other tests on the same two cores.
          testTimeout: 30_000,
          // By default one core is left to Vitest itself, which hardly needs it.
          maxWorkers: '100%',
          environmentOptions: { jsdom: { url: 'https://app.example.test/' } },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Last, and one file after the other: they measure real time. The files share the built page and the libraries.
          fileParallelism: false,
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          // The heavy ones have packages of their own: `npm run test:servers`.
          include: ['test/servers/light/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          sequence: { groupOrder: 1 },
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
