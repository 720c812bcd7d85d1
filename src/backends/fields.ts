import type { HttpAnswer } from './http.ts'
import type { RestField } from './rest-types.ts'

/** What is at a field of an answer; undefined for nothing. */
export const find = (answer: HttpAnswer, field: RestField): unknown =>
  typeof field === 'function'
    ? field(answer)
    : field.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], answer.body)
