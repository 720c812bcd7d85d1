import assert from 'node:assert/strict'
import type { Answer } from './client.ts'

/** A success may hold tokens: of that only the names of the members are shown. */
function shown({ status, text, body }: Answer): string {
  if (status >= 300) return `${status} ${text.slice(0, 300)}`
  return `${status} with ${body instanceof Object ? Object.keys(body).join(', ') : `${text.length} characters`}`
}

/** The status must be this one. Resolves with the answer. */
export async function isStatus(sent: Answer | Promise<Answer>, status: number): Promise<Answer> {
  const answer = await sent
  assert.equal(answer.status, status, `expected status ${status}, got ${shown(answer)}`)
  return answer
}

/** The answer must be an error in the format of 2024-01-01, with this code and, where given, this message. */
export async function isError(
  sent: Answer | Promise<Answer>,
  status: number,
  code: string,
  message?: string | RegExp,
): Promise<Answer> {
  const answer = await sent
  const wanted = `expected ${status} ${code}${message === undefined ? '' : ` ${message}`}, got ${shown(answer)}`
  assert.equal(answer.status, status, wanted)
  assert.equal(answer.body?.code, code, wanted)
  if (typeof message === 'string') assert.equal(answer.body.message, message, wanted)
  if (message instanceof RegExp) assert.match(answer.body.message, message, wanted)
  return answer
}

/** Two values must be equal, however deep. */
export function same(actual: unknown, expected: unknown, what: string): void {
  assert.deepEqual(actual, expected, `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`)
}

export function different(actual: unknown, other: unknown, what: string): void {
  assert.notDeepEqual(actual, other, `${what}: expected anything but ${JSON.stringify(other)}`)
}

export function matches(actual: unknown, pattern: RegExp, what: string): void {
  assert.match(String(actual), pattern, `${what}: expected ${pattern}, got ${JSON.stringify(actual)}`)
}

/** A number must lie between two others, ends included. */
export function between(actual: unknown, low: number, high: number, what: string): void {
  const inside = typeof actual === 'number' && actual >= low && actual <= high
  assert.ok(inside, `${what}: expected ${low} to ${high}, got ${JSON.stringify(actual)}`)
}

/** An object must have none of these members. */
export function lacks(value: unknown, members: readonly string[], what: string): void {
  const found = members.filter((member) => member in Object(value))
  assert.deepEqual(found, [], `${what}: expected none of ${members.join(', ')}, got ${found.join(', ')}`)
}
