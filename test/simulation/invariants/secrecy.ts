import { inspect } from 'node:util'
import { FOREIGN } from '../world/shelf.ts'
import type { Sim } from '../world/sim.ts'
import type { Watch } from '../world/watch.ts'

const LEAK = 12
/** Words of at least this length that turned out to be no part of a token. Tokens differ from world to world. */
const innocent = new Set<string>()

/**
 * j. No token told. No token, and no 12 characters in a row of one, is in any event, state, error (its message, stack,
 * properties, JSON, and its causes), message between tabs, result of `inspect()`, or line on the console. Nor does a
 * token go to an origin that is not the app's, nor the token of another app anywhere, unless the record beside it, which names that app, was lost: by deletion, by
 * edits, or by a write that was not finished. Tokens without a readable record are ours. In every world, for every token that the server has issued in it.
 */
export function noTokenTold(sim: Sim): Watch {
  const words = new Map<string, string>()
  const named = !sim.world.steps.some(
    ({ do: what, ...rest }) =>
      what === 'stall' ||
      what === 'close' ||
      what === 'reload' ||
      ('what' in rest && /record|all|old|domain/.test(`${rest.what}`)),
  )
  const hear = (where: string, text: string | undefined): void => {
    for (const word of text?.match(/[\w.-]{12,}/g) ?? []) if (!innocent.has(word)) words.set(word, where)
  }
  return {
    told: (tab, what, value) => {
      const where = `${what}${tab ? ` of ${tab.name}` : ''}`
      for (const text of textsOf(value)) hear(where, text)
    },
    event: (tab, name, payload) => sim.watch.told(tab, `the event ${name}`, payload),
    state(tab, state) {
      sim.watch.told(tab, 'the state', state)
      sim.watch.told(tab, 'the inspection', tab.auth?.inspect())
    },
    sent({ target, bearer, refreshToken, tab, url }) {
      if (named && `${bearer} ${refreshToken}`.includes(FOREIGN))
        sim.violate('j no token told', `${tab.name} sent the token of another app to ${url}`)
      if (target === 'elsewhere' && bearer) sim.violate('j no token told', `${tab.name} sent a token to ${url}`)
    },
    over() {
      const tokens = [...sim.ledger.texts()].join('\n')
      for (const [word, where] of words) {
        const told = Array.from({ length: word.length - LEAK + 1 }, (_, at) => word.slice(at, at + LEAK)).find((part) =>
          tokens.includes(part),
        )
        if (told) sim.violate('j no token told', `${where} shows '${told}'`)
        else innocent.add(word)
      }
    },
  }
}

/** Everything that a log, a console or an error tracker might make of a value. */
function* textsOf(value: unknown): Iterable<string | undefined> {
  if (typeof value === 'string') yield value
  else if (value instanceof Error) {
    yield value.message
    yield value.stack
    yield JSON.stringify(value)
    yield inspect(value, { depth: 4 })
    if (value.cause) yield* textsOf(value.cause)
  } else if (value instanceof Object) {
    yield JSON.stringify(value)
    for (const part of Object.values(value)) if (part instanceof Error) yield* textsOf(part)
  }
}
