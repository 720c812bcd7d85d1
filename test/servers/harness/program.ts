import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { signalGroup, startProgram, told } from '../../browser/harness/programs.ts'
import { close, listen } from './front.ts'
import { people } from './people.ts'
import type { Started, StartOptions } from './types.ts'

/**
 * Starts the program of a server in a process of its own. It gets `PORT`, `PUBLIC_URL`, `APP_ORIGIN`, `ACCESS_LIFE` and
 * `DATA` by its environment, the people who have accounts in `PEOPLE`, and writes `ready` when it answers.
 */
export async function startServerProgram(
  program: URL,
  options: StartOptions,
  args: readonly string[] = [],
): Promise<Started> {
  const { publicUrl, appOrigin, accessLife, folder } = options
  const url = await freeAddress()
  const file = fileURLToPath(program)
  const child = startProgram(process.execPath, [file, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: new URL(url).port,
      PUBLIC_URL: publicUrl,
      APP_ORIGIN: appOrigin,
      ACCESS_LIFE: String(accessLife),
      DATA: folder,
      PEOPLE: JSON.stringify(people),
      NODE_ENV: 'development',
      NODE_NO_WARNINGS: '1',
    },
  })
  let trouble = ''
  child.stderr?.on('data', (part) => {
    trouble += part
  })
  await told(child, 1, /^(ready)$/m).catch((error: Error) => {
    throw new Error(`${error.message}\n${trouble}`)
  })
  const stop = async () => {
    const exit = new Promise((resolve) => child.once('exit', resolve))
    if (signalGroup(child, 'SIGKILL')) await exit
  }
  return { url, stop }
}

export async function freeAddress(): Promise<string> {
  const server = createServer()
  const url = await listen(server)
  await close(server)
  return url
}
