import { setTimeout } from 'node:timers/promises'
import { missing } from './case.ts'
import { cases } from './cases/index.ts'
import { createClient } from './client.ts'
import { createHttpOperator } from './operator.ts'
import { completeFacts, factsFromSettings, type Options, parseOptions } from './options.ts'
import { failedLine, notRunLine, passedLine, summary, type Tally } from './tap.ts'
import { createTarget } from './target.ts'
import { usage } from './usage.ts'

/** Runs the suite against a server. Resolves with the exit code: 0 all well, 1 a case failed, 2 wrong usage. */
export async function main(args: readonly string[], write: (text: string) => void): Promise<number> {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return 2
  }
  const asked = await askSettings(options)
  if (typeof asked === 'string') {
    write(`Bail out! ${asked}\n`)
    return 1
  }
  const tally = await run(options, asked, write)
  write(summary(tally))
  return tally.failed > 0 || tally.passed === 0 ? 1 : 0
}

/** What the server says of itself; text when it cannot be asked. */
async function askSettings({ facts }: Options): Promise<ReturnType<typeof factsFromSettings> | string> {
  const client = createClient(completeFacts({ facts, adminKey: null, timeTravel: null, pace: 0, only: [] }, {}))
  try {
    const { status, text, body } = await client.get('/settings')
    return status === 200 ? factsFromSettings(body) : `${facts.url}/settings answered ${status} ${text.slice(0, 200)}`
  } catch (error) {
    return `${facts.url} cannot be reached: ${error instanceof Error ? error.message : error}`
  }
}

async function run(
  options: Options,
  asked: ReturnType<typeof factsFromSettings>,
  write: (text: string) => void,
): Promise<Tally> {
  const facts = completeFacts(options, asked)
  const { operator, close } = createHttpOperator(facts, options.adminKey, options.timeTravel)
  const pause = async () => void (options.pace > 0 && (await setTimeout(options.pace)))
  const target = createTarget(facts, operator, pause)
  const chosen = cases.filter(
    ({ id }) => options.only.length === 0 || options.only.some((start) => id.startsWith(start)),
  )
  const tally = { passed: 0, failed: 0, notRun: 0 }

  write(`TAP version 14\n1..${chosen.length}\n`)
  for (const [index, each] of chosen.entries()) {
    const needs = missing(each, facts, operator)
    if (needs.length > 0) {
      tally.notRun++
      write(notRunLine(index + 1, each, needs))
      continue
    }
    try {
      await each.run(target)
      tally.passed++
      write(passedLine(index + 1, each))
    } catch (error) {
      tally.failed++
      write(failedLine(index + 1, each, error))
    }
  }
  await close()
  return tally
}
