import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    axios: 'src/axios/index.ts',
    backends: 'src/backends/index.ts',
    cli: 'src/cli/index.ts',
    devtools: 'src/devtools/index.ts',
    fetch: 'src/fetch/index.ts',
    idle: 'src/idle/index.ts',
    'no-devtools': 'src/devtools/off.ts',
    'no-rig': 'src/no-rig.ts',
    node: 'src/node/index.ts',
    oauth: 'src/oauth/index.ts',
    react: 'src/react/index.ts',
    rig: 'src/rig.ts',
    server: 'src/server/index.ts',
    'session-service': 'src/session-service/index.ts',
    steam: 'src/steam/index.ts',
    supabase: 'src/supabase/index.ts',
    testing: 'src/testing/index.ts',
    'testing-playwright': 'src/testing/playwright/index.ts',
    'web-session': 'src/web-session/index.ts',
  },
  tsconfig: 'tsconfig.build.json',
  format: 'esm',
  platform: 'neutral',
  // The entries for a server use Node's own modules.
  deps: { neverBundle: [/^node:/] },
  // Which of the two it is, the app's bundler decides: package.json, `imports`.
  plugins: [
    {
      name: 'rig',
      resolveId: (id, importer) => (id === './rig.ts' && importer ? { id: '#rig', external: true } : null),
    },
  ],
  target: 'es2022',
  dts: { sourcemap: true },
  sourcemap: true,
  fixedExtension: false,
  publint: true,
  attw: { profile: 'esm-only' },
})
