import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'
import { afterAll, afterEach } from 'vitest'

const built = new Map<string, Promise<string>>()
const folders: string[] = []
const running = new Set<ChildProcess>()

/** Bundles a program of `test/node/programs`, once per test file. Returns its path. */
export function buildProgram(name: string): Promise<string> {
  const made = built.get(name) ?? make(name)
  built.set(name, made)
  return made
}

async function make(name: string): Promise<string> {
  // Inside of the project, where the programs find the packages that they import.
  const temporary = new URL('../../.tmp/', import.meta.url).pathname
  mkdirSync(temporary, { recursive: true })
  const folder = mkdtempSync(join(temporary, 'program-'))
  folders.push(folder)
  await build({
    configFile: false,
    root: folder,
    logLevel: 'error',
    ssr: { noExternal: ['js-cookie', 'jwt-decode'] },
    build: {
      ssr: new URL(`./programs/${name}.ts`, import.meta.url).pathname,
      outDir: folder,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return join(folder, `${name}.mjs`)
}

export interface Program {
  readonly process: ChildProcess
  /** Each line that the program prints. */
  readonly lines: string[]
  /** Resolves with the first line that fits, also one that was printed before. */
  line(what: RegExp): Promise<string>
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  say(line: string): void
}

/** Starts a bundled program. It is killed after the test. */
export function startProgram(path: string, options: unknown = {}): Program {
  const process = spawn(globalThis.process.execPath, [path, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.add(process)
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: process.stdout }).on('line', (line) => {
    lines.push(line)
    for (const look of [...waiting]) look()
  })
  process.stdin.on('error', () => {})
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    process.once('close', (code, signal) => {
      running.delete(process)
      resolve(code ?? signal)
      for (const look of [...waiting]) look()
    })
  })
  return {
    process,
    lines,
    ended,
    say: (line) => void process.stdin.write(`${line}\n`),
    line: (what) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => what.test(line))
          if (found === undefined && process.exitCode === null && process.signalCode === null) return
          waiting.delete(look)
          if (found === undefined) reject(new Error(`The program ended without ${what}: ${lines.join(' | ')}`))
          else resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}

afterEach(() => {
  for (const process of running) process.kill('SIGKILL')
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
