// Bundles the simulation with the kit's sources, for Node 20 cannot read TypeScript. `edit` may change a source file first.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const STANDS_IN = {
  'node:fs': 'test/simulation/processes/fs.ts',
  'node:net': 'test/simulation/processes/net.ts',
}
const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * @param {string} name @param {(path: string, text: string) => string} [edit] @param {string} [worker]
 * @returns {Promise<string>} the file
 */
export async function bundle(name, edit = (_path, text) => text, worker = 'worker.ts') {
  const outDir = `${root}node_modules/.cache/keyturn-simulation/${name}`
  rmSync(outDir, { recursive: true, force: true })
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [
      {
        name: 'computer',
        enforce: 'pre',
        // Processes run on a computer of memory.
        resolveId: (source, importer) =>
          STANDS_IN[source] && importer?.startsWith(`${root}src/node/`) ? `${root}${STANDS_IN[source]}` : undefined,
      },
      {
        name: 'edit',
        enforce: 'pre',
        transform: (text, path) => (path.startsWith(`${root}src/`) ? edit(path.slice(root.length), text) : undefined),
      },
    ],
    resolve: { tsconfigPaths: true },
    build: {
      ssr: fileURLToPath(new URL(worker, import.meta.url)),
      outDir,
      target: 'node20',
      minify: false,
      sourcemap: 'inline',
      rolldownOptions: { output: { entryFileNames: 'worker.mjs' } },
    },
  })
  return `${outDir}/worker.mjs`
}
