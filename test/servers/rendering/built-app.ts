/** Apps of frameworks with a build of their own: built and started by the framework's own programs. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signalGroup, startProgram, told } from '../../browser/harness/programs.ts'
import { freeAddress } from '../harness/program.ts'
import type { RenderingApp, Surroundings } from './serve.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface BuiltApp {
  /** Below `heavy/programs`. */
  readonly folder: string
  readonly build: readonly string[]
  /** What Node runs, with the port in place of `PORT`. */
  readonly run: readonly string[]
  /** What it prints when it answers. */
  readonly ready: RegExp
}

export async function startBuiltApp(
  { folder, build, run, ready }: BuiltApp,
  { api, secret }: Surroundings,
): Promise<RenderingApp> {
  const home = fileURLToPath(new URL(`../heavy/programs/${folder}/`, import.meta.url))
  if (!existsSync(join(root, 'dist/server.js'))) throw new Error('Build the kit first: npm run build.')
  // As an installed package is, and not as a link, which would bring the React of this repository with it.
  const kit = join(home, 'node_modules/keyturn')
  rmSync(kit, { recursive: true, force: true })
  cpSync(join(root, 'dist'), join(kit, 'dist'), { recursive: true })
  cpSync(join(root, 'package.json'), join(kit, 'package.json'))
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    AUTH_URL: api,
    AUTH_SECRET: secret,
    NEXT_TELEMETRY_DISABLED: '1',
  }
  execFileSync(process.execPath, [...build], { cwd: home, env, stdio: 'pipe' })
  const url = await freeAddress()
  const { port } = new URL(url)
  const child = startProgram(
    process.execPath,
    run.map((part) => part.replace('PORT', port)),
    {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, PORT: port },
    },
  )
  await told(child, 1, ready)
  return {
    url,
    stop: async () => {
      const exit = new Promise((resolve) => child.once('exit', resolve))
      if (signalGroup(child, 'SIGKILL')) await exit
    },
  }
}
