/** What a server does, as it was measured: the table that `npx keyturn doctor` must agree with. */
export interface Facts {
  readonly refresh: RefreshFacts | null
  readonly api: {
    /** Status and words for an access token that has run out, that never was one, and none. */
    readonly expired: string
    readonly malformed: string
    readonly missing: string
  }
  /** Where the life of an access token stands, in the answer to a sign-in or else to a refresh, and in which unit. */
  readonly life: { readonly at: string; readonly unit: 's' | 'ms' | 'date' } | null
  /** The cookies of a sign-in: name and attributes. */
  readonly cookies: readonly string[]
  readonly cors: {
    /** `Access-Control-Allow-Origin` for the page's origin, and for one that is nobody's. */
    readonly page: string | null
    readonly stranger: string | null
    readonly credentials: boolean
  }
  readonly signOut: SignOutFacts | null
}

export interface RefreshFacts {
  /** The refresh credential is replaced at each refresh. */
  readonly rotates: boolean
  /** What a spent refresh token gets at once; null where none is spent. */
  readonly secondUse: string | null
  /** For how many seconds a second use is forgiven; null: for good, as nothing is spent. */
  readonly forgives: number | null
  /** Whether the session goes on after a second use. */
  readonly survivesSecondUse: boolean
  /**
   * Five at once with the same credential: `one` is answered, `all` are, or it is a `race`: the server looks first and
   * writes later, so any number is, and only what was written last is good for another refresh.
   */
  readonly parallel: 'one' | 'all' | 'race'
  /** Whether one of the answers is good for another refresh; null for a race, where that differs. */
  readonly parallelSurvived: boolean | null
  /** A refresh token of another form, and none. */
  readonly malformed: string
  readonly missing: string
  /** `Retry-After` was told with any of the refusals. */
  readonly retryAfter: boolean
}

export interface SignOutFacts {
  readonly answer: string
  /** With an access token that has run out. */
  readonly withExpired: string
  /** Whether the refresh credential is dead afterwards. */
  readonly endsRefresh: boolean
  /** ... also when the access token had run out. */
  readonly endsRefreshWithExpired: boolean
  /** Whether an access token that has not run out is refused afterwards. */
  readonly endsAccess: boolean
}
