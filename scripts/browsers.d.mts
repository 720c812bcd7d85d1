export type BrowserName = 'chromium' | 'firefox' | 'webkit'

export declare const find: {
  /** Path of the program; null where there is none. */
  readonly chromium: () => string | null
  readonly firefox: () => string | null
  /** Paths of the driver, of MiniBrowser and of the X server that it draws to. */
  readonly webkit: () => { readonly driver: string; readonly browser: string; readonly screen: string } | null
}

/** Which browsers are left out on request. Throws if the environment variable SKIP_BROWSERS names something else. */
export declare function skipped(): readonly BrowserName[]
