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
  /** The letter of the invariant that is to catch it. */
  readonly expected: string
}

export declare const planted: readonly Planted[]

/** How often a text is in another. */
export declare function timesFound(find: string, text: string): number
