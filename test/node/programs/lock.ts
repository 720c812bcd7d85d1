// Takes the lock again and again, and notes in a file when it has it. By lines of its input it can be told when to let go.
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { processLock } from '../../../src/node/lock/process-lock.ts'

const { folder, log, times, hold } = JSON.parse(process.argv[2] ?? '{}') as {
  folder: string
  log: string
  times: number
  /** How long (ms) to keep it; null: until told. */
  hold: number | null
}
const lock = processLock(folder)
// Whoever started it is gone.
process.stdin.on('close', () => process.exit(0))
const told = new Promise<void>((resolve) => {
  createInterface({ input: process.stdin }).on('line', () => resolve())
})

for (let time = 0; time < times; time++) {
  process.stdout.write('waiting\n')
  await lock('test', new AbortController().signal, async () => {
    appendFileSync(log, `in ${process.pid}\n`)
    process.stdout.write('held\n')
    await (hold === null ? told : new Promise((resolve) => setTimeout(resolve, hold)))
    appendFileSync(log, `out ${process.pid}\n`)
  })
}
process.exit(0)
