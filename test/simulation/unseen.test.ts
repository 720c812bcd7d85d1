import { expect, test } from 'vitest'
import { runUnseen } from './unseen/run.ts'

/** `UNSEEN=100000:20000` runs 20,000 worlds from seed 100,000 on. */
const [first = 1, count = 100] = (process.env.UNSEEN ?? '').split(':').map(Number).filter(Boolean)

/** Worlds that failed once. */
const FOUND = [43, 51, 63, 100, 3919, 7610]

test(`${count} worlds over sessions that scripts do not see`, async () => {
  const seeds = Array.from({ length: count }, (_, index) => first + index)
  for (const seed of [...FOUND, ...seeds]) {
    const wrong = await runUnseen(seed)
    if (!wrong.length) continue
    const lines: string[] = []
    await runUnseen(seed, (line) => void lines.push(line))
    expect.fail(`seed ${seed}: ${wrong.join('; ')}\n${lines.join('\n')}`)
  }
})
