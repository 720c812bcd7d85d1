// How many refreshes a second the mock auth server answers on one core, without a network: each is a call of `mock.fetch`,
// one after the other, and its answer is read as JSON. The time of the processor counts WebCrypto's threads, too, and says
// more than the rate on a machine that is busy. Run it on the built package:
// npx tsdown && node bench/mock-refresh.mjs [folder of the build, default: dist]
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const REFRESHES = 5_000
const RUNS = 5

const build = resolve(process.argv[2] ?? new URL('../dist', import.meta.url).pathname)
const { createMockAuth } = await import(pathToFileURL(resolve(build, 'testing.js')).href)

const post = (mock, grant, body) =>
  mock.fetch(`/auth/v1/token?grant_type=${grant}`, { method: 'POST', body: JSON.stringify(body) })

async function signIn(mock) {
  const answer = await post(mock, 'password', { email: 'ada@example.test', password: 'correct-horse' })
  return (await answer.json()).refresh_token
}

async function run(mock, token, count) {
  let current = token
  for (let i = 0; i < count; i++) {
    const answer = await post(mock, 'refresh_token', { refresh_token: current })
    if (answer.status !== 200) throw new Error(`Refresh ${i} was answered with ${answer.status}.`)
    current = (await answer.json()).refresh_token
  }
  return current
}

async function measure(options) {
  const mock = createMockAuth({ logLimit: 100, ...options })
  // Once for the compiler to warm up.
  let token = await run(mock, await signIn(mock), 2_000)
  const rates = []
  const costs = []
  for (let i = 0; i < RUNS; i++) {
    const cpu = process.cpuUsage()
    const start = process.hrtime.bigint()
    token = await run(mock, token, REFRESHES)
    rates.push(REFRESHES / (Number(process.hrtime.bigint() - start) / 1e9))
    const { user, system } = process.cpuUsage(cpu)
    costs.push((user + system) / REFRESHES)
  }
  return { rates: sorted(rates), cost: sorted(costs)[Math.floor(RUNS / 2)] }
}

const sorted = (values) => values.toSorted((a, b) => a - b)

for (const signing of ['HS256', 'ES256', 'none']) {
  for (const profile of ['strict', 'hosted', 'v2']) {
    const { rates, cost } = await measure({ signing, profile })
    const [slowest, median, fastest] = [rates[0], rates[Math.floor(RUNS / 2)], rates[RUNS - 1]].map(Math.round)
    const name = `${signing.padEnd(5)} ${profile.padEnd(6)}`
    const spread = `${slowest} to ${fastest}`
    process.stdout.write(`${name} ${median} refreshes a second (${spread}), ${Math.round(cost)} µs of processor each\n`)
  }
}
