import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { createDemoBackend } from './server/demo-server.ts'

const fromRoot = (path: string): string => new URL(`../${path}`, import.meta.url).pathname

/** Puts the demo's back end behind the same address as the page, in `vite dev` and in `vite preview`. */
function demoBackend(): Plugin {
  const mount: Plugin['configurePreviewServer'] = async (server) => {
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

export default defineConfig({
  root: fromRoot('demo/app'),
  plugins: [react(), demoBackend()],
  resolve: {
    alias: [
      { find: /^keyturn$/, replacement: fromRoot('src/index.ts') },
      { find: /^keyturn\/(axios|fetch|react)$/, replacement: fromRoot('src/$1/index.ts') },
    ],
  },
  server: { fs: { allow: [fromRoot('')] } },
  // Not below the package's own dist, which is emptied by each build and published.
  build: { outDir: fromRoot('demo/dist'), emptyOutDir: true },
})
