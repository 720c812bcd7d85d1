// What attachAuth costs a request while the token is fresh, against bare axios, over an adapter that answers at once.
// Run it on built packages, whose runs take turns: npx tsdown && node bench/request-cost.mjs [folder of a build]...
// Default: dist. The first one is held to the limits; with a second one (an older build), it must not cost more than that.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axios from 'axios'

const REQUESTS = 2_000
const RUNS = 25
/** Microseconds that a request may cost more than without the kit. */
const LIMIT = 15
/** What two runs of one build differ by. */
const NOISE = 0.5

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = Math.floor(Date.now() / 1000)
const accessToken = `${base64url({ alg: 'none' })}.${base64url({ sub: 'ada', iat: now, exp: now + 3600 })}.signature`

const create = (contender) =>
  axios.create({
    baseURL: 'https://api.example.test',
    adapter: async (config) => {
      if (config.headers.has('Authorization')) contender.carried++
      return { data: '', status: 200, statusText: 'OK', headers: {}, config }
    },
  })

/** The kit of a build, signed in, over a storage that counts. */
async function contenderOf(folder) {
  const load = (file) => import(pathToFileURL(resolve(folder, file)).href)
  const { createAuth, memoryStorage } = await load('index.js')
  const { attachAuth } = await load('axios.js')
  const storage = memoryStorage()
  const contender = { name: `attachAuth of ${folder}`, carried: 0, reads: 0, times: [] }
  const auth = createAuth({
    backend: {
      signIn: async () => ({ accessToken, refreshToken: 'refresh' }),
      refresh: () => Promise.reject(new Error('The token is fresh: there is nothing to refresh.')),
      signOut: async () => {},
    },
    storage: {
      ...storage,
      read() {
        contender.reads++
        return storage.read()
      },
    },
  })
  await auth.signIn({})
  contender.client = create(contender)
  attachAuth(contender.client, auth)
  contender.dispose = auth.dispose
  return contender
}

/** By the time of the processor, which does not count what else the machine does meanwhile. */
async function run({ client }) {
  const start = process.cpuUsage()
  for (let i = 0; i < REQUESTS; i++) await client.get('/items')
  const { user, system } = process.cpuUsage(start)
  return (user + system) / REQUESTS
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const us = (value) => `${value.toFixed(1)} µs`

const folders = process.argv.length > 2 ? process.argv.slice(2) : [new URL('../dist', import.meta.url).pathname]
const bare = { name: 'bare axios', carried: 0, reads: 0, times: [], dispose() {} }
bare.client = create(bare)
const kits = []
for (const folder of folders) kits.push(await contenderOf(folder))
const all = [bare, ...kits]

// Twice each, for the compiler to warm up.
for (const each of [...all, ...all]) await run(each)
for (const each of all) each.carried = each.reads = 0
for (let count = 0; count < RUNS; count++) {
  // Each goes first in turn.
  for (let index = 0; index < all.length; index++) {
    const each = all[(index + count) % all.length]
    each.times.push(await run(each))
  }
}
for (const each of all) each.dispose()

// Each run is compared with the bare one of its own round: what else the machine does falls on both.
const costs = kits.map(({ times }) => median(times.map((time, round) => time - bare.times[round])))
const lines = all.map(({ name, times }) => `${us(median(times)).padStart(9)} a request  ${name}`)
for (const [index, { name, carried, reads }] of kits.entries()) {
  lines.push(
    `${us(costs[index]).padStart(9)} more        ${name}; at most ${us(LIMIT)}; ${reads} storage reads, at most 0`,
  )
  if (carried !== REQUESTS * RUNS) throw new Error(`${carried} of ${REQUESTS * RUNS} requests carried the token.`)
}
process.stdout.write(`${lines.join('\n')}\n`)
const [mine, other = Infinity] = costs
process.exitCode = mine < LIMIT && mine <= other + NOISE && kits[0].reads === 0 ? 0 : 1
