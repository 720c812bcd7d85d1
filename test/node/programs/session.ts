// One of several processes that share a sealed file. By lines of its input it renews, and it tells what it hears.
import { createInterface } from 'node:readline'
import { restBackend } from '../../../src/index.ts'
import { createNodeAuth } from '../../../src/node/create-node-auth.ts'
import { systemClock } from '../../../src/node/node-ports.ts'
import { sealedFile } from '../../../src/node/sealed/sealed-file.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as {
  path: string
  keys: string
  url: string
  /** Time limit of one call (ms). */
  timeout?: number
  /** End itself by kill -9 at this step of its work. */
  dieAt?: string
  /** Renew again and again. */
  busy?: boolean
}
const { path, keys, url, timeout = 10_000, dieAt, busy } = options
const say = (...words: unknown[]) => process.stdout.write(`${words.join(' ')}\n`)
const die = (step: string) => {
  if (step === dieAt) process.kill(process.pid, 'SIGKILL')
}

/** The writes of one renewal: first the note, then the session. */
let write = 0
const storage = sealedFile({
  path,
  keys,
  profile: 'ada',
  backend: url,
  onStep(step) {
    if (!armed) return
    if (step === 'begin') write++
    die(`${write === 1 ? 'note' : 'save'} ${step}`)
  },
})
let armed = false
/** By how much (ms) this process's clock is ahead. */
let ahead = 0
const auth = createNodeAuth({
  backend: restBackend({ baseUrl: url, headers: { 'X-Pid': String(process.pid) } }),
  storage,
  timeout,
  ports: {
    clock: { ...systemClock(), now: () => Date.now() + ahead },
    fetch: async (...args) => {
      if (!String(args[0]).includes('refresh')) return fetch(...args)
      die('request')
      const answer = await fetch(...args)
      die('answer')
      return answer
    },
  },
})
auth.on('refreshed', ({ by }) => {
  if (by === 'this_tab') die('announce')
  say('refreshed', by, auth.inspect().version)
})
auth.on('signed_out', ({ reason, error }) => say('signed_out', reason, error?.message))
auth.on('storage_failed', ({ error }) => say('storage_failed', error.message))
say('state', auth.getState().status)

const renew = async () => {
  armed = true
  write = 0
  await auth.refresh().then(
    () => say('renewed', auth.inspect().version),
    (error) => say('failed', error.code, error.message),
  )
}
const run = async () => {
  for (;;) {
    if (auth.getState().status === 'authenticated') await renew()
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 60))
  }
}
if (busy) void run()
// Whoever started it is gone.
process.stdin.on('close', () => process.exit(0))
createInterface({ input: process.stdin }).on('line', async (line) => {
  if (line.startsWith('ahead')) ahead = Number(line.slice(6))
  if (line === 'renew') await renew()
  if (line === 'token') say('token', await auth.getAccessToken().catch((error) => error.code))
  if (line === 'close') await auth.close().then(() => process.exit(0))
})
