import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

test.each([
  'light/hono/app.tsx',
  'heavy/programs/react-router/app/server-auth.server.ts',
  'heavy/programs/react-router/app/root.tsx',
  'heavy/programs/react-router/app/routes/renewal.ts',
  'heavy/programs/next/app/server-auth.ts',
  'heavy/programs/next/proxy.ts',
  'heavy/programs/next/app/layout.tsx',
  'heavy/programs/next/app/providers.tsx',
  'heavy/programs/next/app/renewal/route.ts',
])('docs/server.md holds the recipe as it is run: %s', (path) => {
  expect(read('docs/server.md')).toContain(read(`test/servers/${path}`).trim())
})
