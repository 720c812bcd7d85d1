import type { Found } from './search.ts'
import { timeOf } from './timeline.ts'
import type { World } from './types.ts'

/** A world as code, one step to a line. */
export function worldText({ seed, server, browser, host, steps }: World): string {
  const lines = steps.map((step) => `    ${JSON.stringify(step)},`)
  return [
    '{',
    `  "seed": ${seed},`,
    `  "server": ${JSON.stringify(server)},`,
    `  "browser": ${JSON.stringify(browser)},`,
    ...(host ? [`  "host": ${JSON.stringify(host)},`] : []),
    '  "steps": [',
    ...lines,
    '  ]',
    '}',
  ].join('\n')
}

/** A test that fails as long as the world does, to be saved in `found/`. */
export const regressionText = ({ world, outcome }: Found): string =>
  `import { expectWorld } from './expect-world.ts'

expectWorld('${outcome.violations[0]?.message.replaceAll("'", '’') ?? ''}', ${worldText(world)})
`

export function report(found: Found): string {
  const { outcome, seed, path, after } = found
  return [
    ...outcome.violations.map(
      ({ invariant, at, message }) => `VIOLATION of ${invariant}, at ${timeOf(at)} s: ${message}`,
    ),
    '',
    `Found in world ${after} of seed ${seed}${path ? ` (fast-check path ${path})` : ''}. Made small:`,
    '',
    outcome.timeline(),
    '',
    'As a regression test:',
    '',
    regressionText(found),
  ].join('\n')
}
