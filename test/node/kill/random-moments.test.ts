import { expect, it } from 'vitest'
import { delay, judge, killAtRandom, MOMENTS, patience } from './moments.ts'
import { share } from './session.ts'

it.each(['strict', 'forgiving'] as const)(
  `four processes on one file: kill -9 at ${MOMENTS} random moments, %s server`,
  patience,
  async (rotation) => {
    const outcome = await killAtRandom(await share({ rotation, delay }), MOMENTS)
    judge('file', rotation, outcome)
    expect(outcome.killed.size).toBe(MOMENTS)
    const lines = outcome.programs.flatMap((program) => program.lines)
    expect(lines.filter((line) => line.startsWith('storage_failed'))).toEqual([])
  },
)
