// npm run sim:mutants -- [--family visible|unseen|process] [--seed N] [--worlds 1500] [--only id,id] [--walk states of each small world; 0: no walk]
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { bundle } from './cli/bundle.mjs'
import { hunt } from './cli/hunt.mjs'
import { editOf, linesOf, planted, timesFound } from './cli/planted.mjs'
import { namesOfWorlds, walkAll } from './cli/walkers.mjs'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261121' },
    family: { type: 'string', default: 'visible' },
    worlds: { type: 'string', default: '1500' },
    only: { type: 'string', default: '' },
    walk: { type: 'string', default: '500' },
  },
})
const [seed, worlds, most] = [values.seed, values.worlds, values.walk].map(Number)
const only = values.only.split(',').filter(Boolean)
const { family } = values
const mutants = planted.filter(
  ({ id, ...of }) => ('family' in of ? of.family : 'visible') === family && (!only.length || only.includes(id)),
)
if (![seed, worlds, most].every((value) => Number.isInteger(value) && value >= 0) || !worlds || !mutants.length) {
  process.stderr.write(
    'npm run sim:mutants -- [--family visible|unseen|process] [--seed 20261121] [--worlds 1500] [--only id,id]\n',
  )
  process.exit(2)
}

const root = new URL('../../', import.meta.url)
for (const { id, file, find } of mutants.flatMap((mutant) =>
  linesOf(mutant).map((line) => ({ ...line, id: mutant.id })),
)) {
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
const unchanged = await hunt({ file: await bundle('unchanged'), seed, worlds, all: true, family })
const known = unchanged.map(({ world }) => world)

const rows = new Map()
/** By the exhaustive walk, which runs where no world drawn at random has caught it. */
const walked = async (/** @type {string} */ id, /** @type {Parameters<typeof bundle>[1]} */ edit) => {
  const file = await bundle(`walk-${id}`, edit, '../orders/worker.ts')
  const numbers = (await namesOfWorlds(file)).map((_name, number) => number)
  let caught
  const done = (/** @type {{ name: string, violation: { invariant: string } | null }} */ { name, violation }) => {
    if (violation) caught = { invariant: violation.invariant, walk: name }
    return !violation
  }
  await walkAll({ file, numbers, workers: 1, limit: most, done })
  return caught
}
const queue = [...mutants]
const work = async () => {
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const { id } = mutant
    const edit = editOf(mutant)
    const [caught] = await hunt({ file: await bundle(`mutant-${id}`, edit), seed, worlds, known, family })
    rows.set(id, caught ?? (most && family === 'visible' ? await walked(id, edit) : undefined))
    process.stderr.write(`${rows.size} of ${mutants.length}: ${id}\n`)
  }
}
// Two side by side; how many there are changes nothing in the table.
await Promise.all([work(), work()])

say('| Mistake | Expected | Caught by | In world |\n| --- | --- | --- | --- |')
for (const { id, mistake, expected } of mutants) {
  const caught = rows.get(id)
  say(
    `| ${mistake} (\`${id}\`) | ${expected} | ${caught?.invariant ?? '**nothing**'} | ${caught?.walk ? `none of ${worlds}; the walk: ${caught.walk}` : (caught?.world ?? `none of ${worlds}`)} |`,
  )
}
const slowest = Math.max(...mutants.map(({ id }) => rows.get(id)?.world ?? 0))
const missed = mutants.filter(({ id }) => !rows.get(id))
const early = unchanged.filter(({ world }) => world <= slowest)
say(
  `\nseed ${seed}: ${mutants.length - missed.length} of ${mutants.length} caught, the last one of those that worlds drawn at random catch in world ${slowest}`,
)
if (!unchanged.length) say(`The engine as it is violates nothing in ${worlds} worlds.`)
for (const { world, invariant, message } of unchanged)
  say(`The engine as it is violates in world ${world}, which therefore shows nothing: ${invariant}: ${message}`)
say(`${((performance.now() - began) / 1000).toFixed(0)} s`)
if (missed.length || early.length) process.exitCode = 1
