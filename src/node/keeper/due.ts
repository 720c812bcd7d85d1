import type { KeeperOptions } from './types.ts'

/** What is known of the tokens of now. Times in ms since 1970. */
export interface Age {
  readonly receivedAt: number | null
  readonly expiresAt: number | null
}

/** Whether tokens are to be renewed: for their age, or because their end is near. */
export function isDue(
  { receivedAt, expiresAt }: Age,
  { renewIfOlderThan = Infinity, renewBefore = 0 }: Pick<KeeperOptions, 'renewIfOlderThan' | 'renewBefore'>,
  now: number,
): boolean {
  const old = receivedAt !== null && now - receivedAt >= renewIfOlderThan
  return old || (expiresAt !== null && expiresAt - now <= renewBefore)
}
