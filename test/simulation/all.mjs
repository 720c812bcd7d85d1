// npm run sim:all -- [--workers N] [--only text] [--limit states of each; 0: none]: every order of events in small worlds
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { bundle } from './cli/bundle.mjs'
import { namesOfWorlds, walkAll } from './cli/walkers.mjs'

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: '' },
    limit: { type: 'string', default: '14000' },
  },
})
const [workers, limit] = [values.workers, values.limit].map(Number)
if (![workers, limit].every((value) => Number.isInteger(value) && value >= 0) || !workers) {
  process.stderr.write(
    'npm run sim:all -- [--workers 2] [--only "text in a name"] [--limit 14000 states of each world; 0: none]\n',
  )
  process.exit(2)
}
const file = await bundle('all', undefined, '../orders/worker.ts')
const names = await namesOfWorlds(file)
const numbers = names.flatMap((name, number) => (name.includes(values.only) ? [number] : []))
const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`)
const sum = { orders: 0, ends: 0, states: 0 }
const began = performance.now()
const cut = []

await walkAll({
  file,
  numbers,
  workers,
  limit: limit || null,
  done(result) {
    for (const key of Object.keys(sum)) sum[key] += result[key]
    const { name, orders, ends, states, longest, complete, seconds, violation } = result
    say(
      `${states} states, ${orders} orders (${ends} to their end), at most ${longest} choices, ${seconds.toFixed(0)} s: ${name}`,
    )
    if (violation) {
      say(`\n${violation.report}`)
      process.exitCode = 1
    } else if (!complete) cut.push(name)
    return true
  },
})
say(
  `${numbers.length} small worlds: ${sum.states} distinct states, ${sum.orders} orders, ${sum.ends} of them to their end, ` +
    `${((performance.now() - began) / 1000).toFixed(0)} s, ${process.exitCode ? 'violations' : 'no violation'}`,
)
if (cut.length) say(`Cut off by --limit: ${cut.join('; ')}`)
