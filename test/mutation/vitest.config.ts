import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

/**
 * The tests that judge mutants: those of the mutated folders themselves. Of axios's three adapters one is enough, for
 * what the kit does to a request is the same over each.
 */
export default defineConfig({
  resolve: base.resolve ?? {},
  test: {
    include: [
      'test/{core,storage,tokens,fetch}/**/*.test.ts',
      'test/axios/{attach,origins,odd-answers,fetch-adapter,secrets}.test.ts',
    ],
    environmentOptions: { jsdom: { url: 'https://app.example.test/' } },
    isolate: false,
    pool: 'threads',
  },
})
