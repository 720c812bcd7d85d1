// The session service beside what people use, on one Redis, on one machine, in one run, over HTTP with keep-alive:
//   npm run bench:sessions            some three minutes in all
//   node bench/sessions/run.mjs 40    with so many rounds (default 24)
// The servers take turns of a quarter of a second, in another order each round, and where latency is measured they take turns request by
// request: so a busy moment of the machine hits all alike.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'

const here = new URL('.', import.meta.url).pathname
if (!existsSync(`${here}node_modules`))
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
const { createLoad, wire } = await import('./load.mjs')
const { cpuOf, NAMES, startServers } = await import('./servers.mjs')

const ROUNDS = Number(process.argv[2] ?? 24)
const TURN = 250
const CONNECTIONS = 32
/** Requests to each server before it is measured. */
const WARM = 4_000
/** Requests a second to each server where latencies are compared: well below what each can do. */
const EQUAL_LOAD = 150
/** Milliseconds of each such comparison. */
const LATENCY_FOR = 15_000
const fields = {
  validate: ['own', 'express', 'untouched', 'fastify', 'bare'],
  create: ['own', 'express', 'fastify'],
  extend: ['own', 'express', 'fastify'],
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const shuffled = (list) => {
  const result = [...list]
  for (let place = result.length - 1; place > 0; place--) {
    const other = Math.floor(Math.random() * (place + 1))
    ;[result[place], result[other]] = [result[other], result[place]]
  }
  return result
}
const quantile = (list, share) => {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

const { servers, stop } = await startServers()
try {
  const loads = {}
  const wired = {}
  for (const [name, { port, requests }] of Object.entries(servers)) {
    loads[name] = createLoad(NAMES[name], port, CONNECTIONS)
    wired[name] = Object.fromEntries(Object.entries(requests).map(([work, list]) => [work, list.map(wire)]))
  }
  console.log(`Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`)
  console.log(`${ROUNDS} turns of ${TURN} ms for each server, ${CONNECTIONS} connections`)
  console.log(`latency at ${EQUAL_LOAD} requests a second to each, at the same time, for ${LATENCY_FOR / 1000} s\n`)
  console.log(
    '| work | server | requests/s | keyturn does × | µs of a core each | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|',
  )
  for (const [work, names] of Object.entries(fields)) {
    const seen = Object.fromEntries(names.map((name) => [name, { rates: [], answered: 0, cpu: 0, took: [] }]))
    // Warm is who has run this work often enough to be compiled, however busy the machine is.
    for (const name of names) for (let done = 0; done < WARM; ) done += await loads[name].full(wired[name][work], TURN)
    for (let round = 0; round < ROUNDS; round++)
      for (const name of shuffled(names)) {
        const before = cpuOf(servers[name].pid)
        const answered = await loads[name].full(wired[name][work], TURN)
        // The last ones of each connection are answered after the turn, and cost as well.
        seen[name].answered += answered + CONNECTIONS
        seen[name].cpu += cpuOf(servers[name].pid) - before
        seen[name].rates.push((answered * 1000) / TURN)
      }
    const open = []
    const began = performance.now()
    for (let tick = 0; tick * (1000 / EQUAL_LOAD) < LATENCY_FOR; tick++) {
      const wait = began + tick * (1000 / EQUAL_LOAD) - performance.now()
      if (wait > 0) await pause(wait)
      for (const name of shuffled(names))
        open.push(loads[name].one(wired[name][work]).then((ms) => seen[name].took.push(ms)))
    }
    await Promise.all(open)
    const own = seen.own.rates
    for (const name of names) {
      const { rates, answered, cpu, took } = seen[name]
      // A ratio for each round, whose turns lie within a second of each other; the one in the middle counts.
      const times = quantile(
        rates.map((rate, round) => own[round] / Math.max(rate, 1)),
        0.5,
      )
      const cells = [
        work,
        NAMES[name],
        Math.round(quantile(rates, 0.5)),
        times.toFixed(2),
        cpu ? Math.round(cpu / answered) : '–',
        quantile(took, 0.5).toFixed(2),
        quantile(took, 0.99).toFixed(1),
      ]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
  for (const load of Object.values(loads)) load.close()
  console.log(`\nLoad of the machine at the end: ${loadavg()[0].toFixed(1)}`)
} finally {
  await stop()
}
