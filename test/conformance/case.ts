import type { Operator, ServerFacts } from './facts.ts'
import type { Target } from './target.ts'

/** Something that a case needs of the server, or of what the runner was told. */
export interface Need {
  /** Completes "needs …". Names the switch. */
  readonly name: string
  readonly isMet: (facts: ServerFacts, operator: Operator) => boolean
}

/** One statement about a server, that holds or does not. */
export interface Case {
  readonly id: string
  readonly title: string
  readonly needs: readonly Need[]
  /** Throws when the statement does not hold. */
  readonly run: (target: Target) => Promise<void>
}

export const defineCase = (id: string, title: string, needs: readonly Need[], run: Case['run']): Case => ({
  id,
  title,
  needs,
  run,
})

/** What keeps a case from being run; empty when nothing does. */
export const missing = ({ needs }: Case, facts: ServerFacts, operator: Operator): readonly string[] =>
  needs.filter((need) => !need.isMet(facts, operator)).map(({ name }) => name)
