// Whether anything grows with use: 100,000 requests, 10,000 refreshes, 10,000 sign-ins and 100,000 junk messages, in two tabs on
// a fake clock; and what one `auth` costs in memory and time. Run it on the built package:
// npx tsdown && node bench/flat.mjs [folder of the build, default: dist]
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getHeapSpaceStatistics, queryObjects, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What 100 kB of heap and 2 ms for one `auth` come from: the contract of the kit. */
const MOST_HEAP = 100_000
const MOST_MS = 2
/**
 * The heap's own tables grow by up to 240 kB at once (bytes), after 50 refreshes as after 50,000 messages. What is counted below
 * is exact; and one small object for each thing done would be 140 kB to 1.4 MB.
 */
const NOISE = 300_000

setFlagsFromString('--expose-gc')
setFlagsFromString('--no-flush-bytecode')
const collectGarbage = runInNewContext('gc')

// Every Map and Set that the engine makes, to look at how much is in them.
const collections = []
for (const kind of ['Map', 'Set'])
  globalThis[kind] = new Proxy(globalThis[kind], {
    construct(...args) {
      const made = Reflect.construct(...args)
      collections.push(new WeakRef(made))
      return made
    },
  })

const build = resolve(process.argv[2] ?? new URL('../dist', import.meta.url).pathname)
const load = (file) => import(pathToFileURL(resolve(build, file)).href)
const { default: axios } = await import('axios')
const { createAuth, memoryStorage } = await load('index.js')
const { attachAuth } = await load('axios.js')
const { createFakeBrowser, createFakeClock } = await load('testing.js')

async function retained() {
  for (let round = 0; round < 4; round++) {
    collectGarbage()
    await new Promise((done) => setTimeout(done, 0))
  }
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith('code'))
  const bytes = spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0)
  const living = collections.map((ref) => ref.deref()).filter(Boolean)
  return {
    bytes,
    // Objects, arrays, functions, promises, signals, errors.
    objects: Number(queryObjects(Object, { format: 'count' })),
    arrays: Number(queryObjects(Array, { format: 'count' })),
    entries: living.reduce((sum, { size }) => sum + size, 0),
  }
}
// Node warns of queryObjects, which is experimental.
process.removeAllListeners('warning')

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Two tabs of one browser that share a storage, locks and a channel; nothing outside of the engine remembers anything. */
function openWorld() {
  const clock = createFakeClock({ settle: () => new Promise(setImmediate) })
  const browser = createFakeBrowser({ clock })
  const listeners = new Set()
  const say = (message, from) => {
    for (const each of listeners) if (each !== from) each(message)
  }
  const openChannel = (_name, receive) => {
    listeners.add(receive)
    return {
      post: (message) => void Promise.resolve().then(() => say(message, receive)),
      close: () => void listeners.delete(receive),
    }
  }
  let count = 0
  const answer = (sub) => {
    const iat = Math.floor(clock.now() / 1000)
    const accessToken = `${base64url({ alg: 'none' })}.${base64url({ sub, iat, exp: iat + 3600, jti: ++count })}.s`
    return { accessToken, refreshToken: `refresh-${count}`, user: { name: sub } }
  }
  let who = 'ada'
  const calls = { refreshes: 0, signIns: 0, reads: 0 }
  const backend = {
    signIn: async ({ name }) => {
      calls.signIns++
      who = name
      return answer(name)
    },
    refresh: async () => {
      calls.refreshes++
      return { type: 'renewed', answer: answer(who) }
    },
    signOut: async () => {},
  }
  const open = () => {
    const { ports, storage } = browser.openTab()
    const read = () => {
      calls.reads++
      return storage.read()
    }
    return createAuth({ backend, storage: { ...storage, read }, ports: { ...ports, openChannel } })
  }
  return { clock, calls, tabs: [open(), open()], junk: say }
}

const world = openWorld()
const { clock, calls, tabs, junk } = world
const [here, there] = tabs
await here.signIn({ name: 'ada' })
await clock.flush()
const api = axios.create({
  baseURL: 'https://app.example.test',
  adapter: async (config) => ({ data: '', status: 200, statusText: 'OK', headers: {}, config }),
})
attachAuth(api, here)

// What another tab might say, of sessions that nobody knows, and what nobody says.
const words = [' renewing', ' signed_out', ' rejected', ' ', ' nonsense', '{"v":1}', '']
const phases = [
  ['requests', 100_000, async (index) => void (await api.get(`/items/${index}`))],
  [
    'refreshes',
    10_000,
    async (index) => {
      const done = tabs[index % 2].refresh()
      await clock.advance(2_000)
      await done
    },
  ],
  [
    'sign-ins',
    10_000,
    async (index) => {
      await tabs[index % 2].signIn({ name: index % 3 ? `person-${index}` : 'ada' })
      await clock.flush()
    },
  ],
  [
    'junk messages',
    100_000,
    async (index) => {
      junk(`unknown-${index}${words[index % words.length]}`)
      // A thousand at once.
      if (index % 1_000 === 999) await clock.advance(100)
    },
  ],
]

const rows = []
let flat = true
for (const [name, count, run] of phases) {
  // The first half makes whatever is made once: code, tables of the heap, what the last of each kind leaves behind.
  const half = count / 2
  for (let index = 0; index < half; index++) await run(index)
  const before = await retained()
  const began = calls.reads
  for (let index = half; index < count; index++) await run(index)
  const after = await retained()
  const grown = Object.fromEntries(Object.keys(before).map((what) => [what, after[what] - before[what]]))
  flat &&= grown.bytes < NOISE && grown.entries <= 0 && grown.arrays < 20 && grown.objects < 50
  rows.push({ name, count, ...grown, held: before.entries, reads: (calls.reads - began) / half })
}
if (calls.refreshes < 10_000 || calls.signIns < 10_000) throw new Error(`Not all was done: ${JSON.stringify(calls)}`)
for (const tab of [here, there]) {
  if (tab.getState().status !== 'authenticated') throw new Error('Somebody was signed out.')
  tab.dispose()
}

// What one costs, on the ports that apps use.
const AUTHS = 500
const backend = { signIn: async () => {}, refresh: async () => {}, signOut: async () => {} }
const make = () => createAuth({ backend, storage: memoryStorage() })
const made = []
const times = []
const time = (run) => {
  const start = process.hrtime.bigint()
  made.push(run())
  times.push(Number(process.hrtime.bigint() - start) / 1e6)
}
time(make)
const empty = await retained()
for (let count = 0; count < AUTHS; count++) time(make)
const full = await retained()
for (const auth of made) auth.dispose()
const heap = (full.bytes - empty.bytes) / AUTHS
const [first] = times
const sorted = times.slice(1).toSorted((a, b) => a - b)
const median = sorted[AUTHS / 2]

console.table(rows)
process.stdout.write(
  [
    'bytes, objects, arrays: what the second half leaves more on the heap than the first; entries: in all Maps and Sets, which',
    'had `held` before; reads: of storage, for one of these, by both tabs',
    `one auth        ${(heap / 1000).toFixed(1)} kB of heap; at most ${MOST_HEAP / 1000}`,
    `createAuth      ${median.toFixed(3)} ms, the slowest of ${AUTHS} ${sorted.at(-1).toFixed(2)}, the first ${first.toFixed(2)}; at most ${MOST_MS}`,
    '',
  ].join('\n'),
)
process.exitCode = flat && heap <= MOST_HEAP && median <= MOST_MS ? 0 : 1
