// npm run sim:mutants -- [--seed N] [--worlds 1500] [--only id,id]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bundle } from './cli/bundle.mjs'
import { hunt } from './cli/hunt.mjs'
import { planted, timesFound } from './cli/planted.mjs'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261121' },
    worlds: { type: 'string', default: '1500' },
    only: { type: 'string', default: '' },
  },
})
const [seed, worlds] = [values.seed, values.worlds].map(Number)
const only = values.only.split(',').filter(Boolean)
const mutants = planted.filter(({ id }) => !only.length || only.includes(id))
if (![seed, worlds].every((value) => Number.isInteger(value) && value >= 0) || !worlds || !mutants.length) {
  process.stderr.write('npm run sim:mutants -- [--seed 20261121] [--worlds 1500] [--only id,id]\n')
  process.exit(2)
}

const root = new URL('../../', import.meta.url)
for (const { id, file, find } of mutants) {
  const times = timesFound(find, readFileSync(new URL(file, root), 'utf8'))
  if (times === 1) continue
  process.stderr.write(
    `The mutation '${id}' must be brought up to date: ${file} holds its line ${times} times, not once.\n`,
  )
  process.exit(1)
}

const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`)
const began = performance.now()

/** Worlds in which the engine as it is violates something show nothing. */
const unchanged = await hunt({ file: await bundle('unchanged'), seed, worlds, all: true })
const known = unchanged.map(({ world }) => world)

const rows = new Map()
const queue = [...mutants]
const work = async () => {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const { id, file, find, replace } = mutant
    const edit = (/** @type {string} */ path, /** @type {string} */ text) =>
      path === file ? text.replace(find, () => replace) : text
    const [caught] = await hunt({ file: await bundle(`mutant-${id}`, edit), seed, worlds, known })
    rows.set(id, caught)
    process.stderr.write(`${rows.size} of ${mutants.length}: ${id}\n`)
  }
}
// Two side by side; how many there are changes nothing in the table.
await Promise.all([work(), work()])

say('| Mistake | Expected | Caught by | In world |\n| --- | --- | --- | --- |')
for (const { id, mistake, expected } of mutants) {
  const caught = rows.get(id)
  say(
    `| ${mistake} (\`${id}\`) | ${expected} | ${caught?.invariant ?? '**nothing**'} | ${caught?.world ?? `none of ${worlds}`} |`,
  )
}
const slowest = Math.max(...mutants.map(({ id }) => rows.get(id)?.world ?? worlds))
const missed = mutants.filter(({ id }) => !rows.get(id))
const early = unchanged.filter(({ world }) => world <= slowest)
say(`\nseed ${seed}: ${mutants.length - missed.length} of ${mutants.length} caught, the last one in world ${slowest}`)
if (!unchanged.length) say(`The engine as it is violates nothing in ${worlds} worlds.`)
for (const { world, invariant, message } of unchanged)
  say(`The engine as it is violates in world ${world}, which therefore shows nothing: ${invariant}: ${message}`)
say(`${((performance.now() - began) / 1000).toFixed(0)} s`)
if (missed.length || early.length) process.exitCode = 1
