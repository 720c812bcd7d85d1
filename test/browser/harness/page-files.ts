import type { ServerResponse } from 'node:http'
import { build, type Rolldown } from 'vite'

/** The files of a built page by path. */
export type PageFiles = ReadonlyMap<string, string | Uint8Array>

const built = new Map<string, Promise<PageFiles>>()

/** Builds the page in `folder` as an app would be, in memory, once per test file. Default: the test page. */
export function buildPage(folder: URL = new URL('../page/', import.meta.url)): Promise<PageFiles> {
  const files = built.get(folder.href) ?? make(folder)
  built.set(folder.href, files)
  return files
}

async function make(folder: URL): Promise<PageFiles> {
  const { output } = (await build({
    configFile: false,
    root: folder.pathname,
    // Not 'warn': rolldown warns of the "use client" at the top of keyturn/react.
    logLevel: 'error',
    mode: 'production',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Vite goes by NODE_ENV, which says `test` here.
    oxc: { jsx: { runtime: 'automatic', development: false } },
    build: { write: false, chunkSizeWarningLimit: 2000 },
    resolve: { tsconfigPaths: true },
  })) as Rolldown.RolldownOutput
  return filesOf(output)
}

/** What a build in memory has made. */
export const filesOf = (output: Rolldown.RolldownOutput['output']): PageFiles =>
  new Map(output.map((file) => [`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source]))

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' }

/** Answers with a file of a page, or with 404. */
export function sendFile(files: PageFiles, url: string, response: ServerResponse): void {
  const path = url.split('?')[0] ?? ''
  const name = path === '/' ? '/index.html' : path
  const body = files.get(name)
  const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'text/html'
  response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(body)
}
