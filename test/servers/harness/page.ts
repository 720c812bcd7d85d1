import { fileURLToPath } from 'node:url'
import { build, type Rolldown } from 'vite'
import type { Serve } from './front.ts'

const src = (path: string) => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url))

/** Builds the page with an app's `auth.ts`, as an app would be built, in memory. `apiUrl`: what that file is told. */
export async function buildServerPage(auth: URL, apiUrl: string): Promise<Serve> {
  const { output } = (await build({
    configFile: false,
    root: fileURLToPath(new URL('../page/', import.meta.url)),
    base: './',
    logLevel: 'error',
    mode: 'production',
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.env.VITE_API_URL': JSON.stringify(apiUrl) },
    build: { write: false, chunkSizeWarningLimit: 2000 },
    resolve: {
      alias: [
        { find: 'virtual:auth', replacement: fileURLToPath(auth) },
        { find: /^keyturn$/, replacement: src('index.ts') },
        { find: /^keyturn\/([\w-]+)$/, replacement: src('$1/index.ts') },
      ],
    },
  })) as Rolldown.RolldownOutput
  const files = new Map(output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))
  return (path, response) => {
    const name = path === '/' ? '/index.html' : path
    const body = files.get(name)
    if (body === undefined) return false
    const type = name.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' }).end(body)
    return true
  }
}
