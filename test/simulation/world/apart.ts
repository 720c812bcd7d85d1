import type { BrowserConfig } from './types.ts'

/** Whether tabs share the cookies, but neither locks nor channels. */
export const apart = ({ storage, origins }: BrowserConfig): boolean => storage === 'cookies' && origins === 2
