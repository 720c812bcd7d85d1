import { timeOf } from '../world/timeline.ts'
import type { Bad } from './explore.ts'

/** A test that fails as long as the order does, to be saved in `found/`. */
const regressionText = ({ world, path, violations }: Bad): string => {
  const { name, deeds, most, swaps, ...rest } = world
  return `import { expectOrder } from './expect-order.ts'

expectOrder('${violations[0]?.message.replaceAll("'", '’') ?? ''}', ${JSON.stringify(rest)}, [
${path.map((step) => `  '${step}',`).join('\n')}
])
`
}

export const orderText = (bad: Bad): string =>
  [
    ...bad.violations.map(({ invariant, at, message }) => `VIOLATION of ${invariant}, at ${timeOf(at)} s: ${message}`),
    '',
    `In the small world '${bad.world.name}', after ${bad.path.length} choices:`,
    '',
    bad.timeline,
    '',
    'As a regression test:',
    '',
    regressionText(bad),
  ].join('\n')
