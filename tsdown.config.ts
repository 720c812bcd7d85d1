import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    axios: 'src/axios/index.ts',
    backends: 'src/backends/index.ts',
    cli: 'src/cli/index.ts',
    fetch: 'src/fetch/index.ts',
    node: 'src/node/index.ts',
    react: 'src/react/index.ts',
    'session-service': 'src/session-service/index.ts',
    steam: 'src/steam/index.ts',
    supabase: 'src/supabase/index.ts',
    testing: 'src/testing/index.ts',
  },
  tsconfig: 'tsconfig.build.json',
  format: 'esm',
  platform: 'neutral',
  // The entries for a server use Node's own modules.
  deps: { neverBundle: [/^node:/] },
  target: 'es2022',
  dts: { sourcemap: true },
  sourcemap: true,
  fixedExtension: false,
  publint: true,
  attw: { profile: 'esm-only' },
})
