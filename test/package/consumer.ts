/** Installs the package as its users do: packed, unpacked, in a project of its own outside of this repository. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export const root: string = new URL('../..', import.meta.url).pathname

/** What the consumer has installed beside the package: its dependencies, its peers, and what they and the tests need. */
const NEIGHBOURS = [
  'js-cookie',
  '@noble/hashes',
  '@playwright/test',
  'jose',
  'oauth4webapi',
  'jwt-decode',
  'axios',
  'react',
  'react-dom',
  'msw',
  '@types/js-cookie',
  '@types/react',
  '@types/react-dom',
]

export type Resolution = 'Bundler' | 'NodeNext'

export interface Consumer {
  /** Where the package has been unpacked. */
  readonly installed: string
  /** Paths of the packed files, as the tarball has them. */
  readonly files: readonly string[]
  /** Runs a module with Node, and gives what it prints. */
  readonly run: (code: string) => string
  /** Compiles files as a strict project. Gives the compiler's words: empty when there is nothing to complain about. */
  readonly compile: (files: Readonly<Record<string, string>>, resolution: Resolution, options?: object) => string
  readonly remove: () => void
}

const newest = (folder: string): number =>
  Math.max(...readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, String(name))).mtimeMs))

function buildIfStale(): void {
  const built = join(root, 'dist/index.js')
  const sources = Math.max(newest(join(root, 'src')), statSync(join(root, 'tsdown.config.ts')).mtimeMs)
  if (!existsSync(built) || statSync(built).mtimeMs < sources)
    execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' })
}

/** Packs the package into a folder. */
export function pack(folder: string): { readonly filename: string; readonly files: readonly { path: string }[] } {
  buildIfStale()
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return (JSON.parse(packed) as [ReturnType<typeof pack>])[0]
}

export function installPackage(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-consumer-'))
  const modules = join(folder, 'node_modules')
  const installed = join(modules, 'keyturn')
  mkdirSync(installed, { recursive: true })

  const { filename, files } = pack(folder)
  const tarball = gunzipSync(readFileSync(join(folder, filename)))
  execFileSync('tar', ['-x', '-f', '-', '-C', installed, '--strip-components=1'], { input: tarball })

  for (const name of NEIGHBOURS) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))

  let projects = 0
  return {
    installed,
    files: files.map(({ path }) => path),
    run: (code) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
        cwd: folder,
        encoding: 'utf8',
        timeout: 500_000,
      }),
    compile(sources, resolution, options = {}) {
      const project = join(folder, `project-${++projects}`)
      mkdirSync(project)
      for (const [name, text] of Object.entries(sources)) writeFileSync(join(project, name), text)
      const compilerOptions = {
        target: 'ES2022',
        lib: ['ES2022', 'DOM', 'DOM.Iterable'],
        module: resolution === 'Bundler' ? 'ESNext' : 'NodeNext',
        moduleResolution: resolution,
        jsx: 'react-jsx',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: [],
        ...options,
      }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: Object.keys(sources) }))
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [compiler, '--project', project, '--pretty', 'false'],
        {
          cwd: project,
          encoding: 'utf8',
          timeout: 500_000,
        },
      )
      return status === 0 ? '' : stdout || stderr || `The compiler ended with ${status}.`
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
