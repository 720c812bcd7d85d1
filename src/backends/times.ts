/** Times that are not seconds, for `fields` of {@link restBackend}. */
import { find } from './fields.ts'
import type { HttpAnswer } from './http.ts'

/** Milliseconds at a path of the answer, as seconds. @example expiresIn: ms('data.expires') */
export const ms =
  (path: string) =>
  (answer: HttpAnswer): number =>
    Number(find(answer, path)) / 1000

/** A date as text at a path of the answer, as seconds since 1970. @example expiresAt: date('session.expiresAt') */
export const date =
  (path: string) =>
  (answer: HttpAnswer): number =>
    Date.parse(String(find(answer, path))) / 1000
