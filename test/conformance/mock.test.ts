import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Case, missing } from './case.ts'
import { cases } from './cases/index.ts'
import { anyOperator, factsOf, type Running, type Setup, specialSetups, standardSetups, start } from './mock-servers.ts'
import { createTarget, type Target } from './target.ts'

const isAllowed = (each: Case, setup: Setup): boolean => missing(each, factsOf(setup), anyOperator).length === 0
const standard = cases.filter((each) => standardSetups.some((setup) => isAllowed(each, setup)))

const plan = [
  ...standardSetups.map((setup) => ({ setup, chosen: cases.filter((each) => isAllowed(each, setup)) })),
  ...specialSetups.map((setup) => ({
    setup,
    chosen: cases.filter((each) => !standard.includes(each) && isAllowed(each, setup)),
  })),
]

describe.each(plan)('the mock over HTTP: $setup.name', ({ setup, chosen }) => {
  let running: Running
  let target: Target
  beforeAll(async () => {
    running = await start(setup)
    target = createTarget(running.facts, running.operator)
  })
  afterAll(() => running.close())

  test.for(chosen.map((each) => [`${each.id} ${each.title}`, each] as const))('%s', ([, each]) => each.run(target))
})

/** Cases for servers that can do what the mock cannot. */
const notForTheMock: readonly string[] = ['S28']

test('every case is run against some set-up of the mock, but for those that need what it does not have', () => {
  const run = new Set(plan.flatMap(({ chosen }) => chosen))
  expect(cases.filter((each) => !run.has(each)).map(({ id }) => id)).toEqual(notForTheMock)
})

test('no two cases have the same id', () => {
  const ids = cases.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

test('every set-up of the mock runs something', () => {
  expect(plan.filter(({ chosen }) => chosen.length === 0).map(({ setup }) => setup.name)).toEqual([])
})
