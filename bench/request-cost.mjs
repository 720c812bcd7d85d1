// What attachAuth costs a request while the token is fresh, against bare axios, over an adapter that answers at once.
// Run it on the built package: npx tsdown && node bench/request-cost.mjs [folder of the build, default: dist]
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axios from 'axios'

const REQUESTS = 2_000
const RUNS = 5
/** Microseconds that a request may cost more. */
const LIMIT = 15

const build = resolve(process.argv[2] ?? new URL('../dist', import.meta.url).pathname)
const load = (file) => import(pathToFileURL(resolve(build, file)).href)
const { createAuth, memoryStorage } = await load('index.js')
const { attachAuth } = await load('axios.js')

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const now = Math.floor(Date.now() / 1000)
const accessToken = `${base64url({ alg: 'none' })}.${base64url({ sub: 'ada', iat: now, exp: now + 3600 })}.signature`

let reads = 0
const storage = memoryStorage()
const auth = createAuth({
  backend: {
    signIn: async () => ({ accessToken, refreshToken: 'refresh' }),
    refresh: () => Promise.reject(new Error('The token is fresh: there is nothing to refresh.')),
    signOut: async () => {},
  },
  storage: {
    ...storage,
    read() {
      reads++
      return storage.read()
    },
  },
})
await auth.signIn({})

let carried = 0
const adapter = async (config) => {
  if (config.headers.has('Authorization')) carried++
  return { data: '', status: 200, statusText: 'OK', headers: {}, config }
}
const create = () => axios.create({ baseURL: 'https://api.example.test', adapter })
const bare = create()
const attached = create()
attachAuth(attached, auth)

async function run(client) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < REQUESTS; i++) await client.get('/items')
  return Number(process.hrtime.bigint() - start) / 1000 / REQUESTS
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

// Once each, for the compiler to warm up.
await run(bare)
await run(attached)
carried = 0
reads = 0
const times = { bare: [], attached: [] }
for (let i = 0; i < RUNS; i++) {
  times.bare.push(await run(bare))
  times.attached.push(await run(attached))
}
auth.dispose()

if (carried !== REQUESTS * RUNS) throw new Error(`${carried} of ${REQUESTS * RUNS} requests carried the token.`)
const cost = median(times.attached) - median(times.bare)
const us = (value) => `${value.toFixed(1)} µs`
const all = (values) => values.map((value) => value.toFixed(1)).join(' ')
process.stdout.write(
  [
    `bare axios     ${us(median(times.bare))} a request (${all(times.bare)})`,
    `with attachAuth ${us(median(times.attached))} a request (${all(times.attached)})`,
    `cost           ${us(cost)} a request; at most ${us(LIMIT)}`,
    `storage reads  ${reads}; at most 0`,
    '',
  ].join('\n'),
)
process.exitCode = cost < LIMIT && reads === 0 ? 0 : 1
