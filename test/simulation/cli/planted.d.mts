/** One mistake, as one line of the engine. */
export interface Planted {
  readonly id: string
  /** In plain words. */
  readonly mistake: string
  /** Below the project's root. */
  readonly file: string
  /** Part of one line, which is in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** Other lines that the mistake changes. */
  readonly and?: readonly Line[]
  /** The letter of the invariant that is to catch it. */
  readonly expected: string
  /** Which worlds are to catch it. Default: those over sessions that scripts see. */
  readonly family?: 'unseen' | 'process'
  /** Only the exhaustive walk catches it. */
  readonly walk?: boolean
}

export interface Line {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export declare const planted: readonly Planted[]

/** How often a text is in another. */
export declare function timesFound(find: string, text: string): number

/** All the lines that a mistake changes. */
export declare function linesOf(mistake: Planted): readonly Line[]

/** Plants the mistake in a file of the sources. */
export declare function editOf(mistake: Planted): (path: string, text: string) => string
