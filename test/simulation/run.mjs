// npm run sim -- [--worlds 20000] [--seed N] [--workers N] [--family unseen|process]
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { bundle } from './cli/bundle.mjs'
import { farm } from './cli/farm.mjs'

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: 'visible' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})
const { family } = values
const [worlds, seed, workers] = [values.worlds, values.seed, values.workers].map(Number)
if (
  ![worlds, seed, workers].every((value) => Number.isInteger(value) && value >= 0) ||
  !workers ||
  !/^(visible|unseen|process)$/.test(family)
) {
  process.stderr.write('npm run sim -- [--worlds 20000] [--seed 1] [--workers 2] [--family visible|unseen|process]\n')
  process.exit(2)
}

const file = await bundle('run')
const began = performance.now()
let shown = began
const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`)
const line = ({ worlds: count, requests, refreshes, days }) =>
  `${count} worlds, ${requests} requests, ${refreshes} of them refreshes, ${Math.round(days)} virtual days, ` +
  `${(count / ((performance.now() - began) / 1000)).toFixed(0)} worlds/s`
const result = await farm({
  file,
  seed,
  worlds,
  workers,
  family,
  progress(sum) {
    if (performance.now() - shown < 5_000) return
    shown = performance.now()
    say(line(sum))
  },
})
if (result.violation) {
  say(result.violation.report)
  process.exitCode = 1
}
say(
  `seed ${seed}${family === 'visible' ? '' : ` of ${family}`}: ${line(result)}, ${result.violation ? 'stopped at a violation' : 'no violation'}`,
)
