import { timingSafeEqual } from 'node:crypto'
import { misconfigured } from '../contract/errors.ts'
import { ID_PREFIX } from '../ids/session-id.ts'

const LEAST = 16
const MOST = 256

/** A text as a buffer of one length for all, so that comparing takes the same time for any two. */
function padded(value: string): Buffer | null {
  const bytes = Buffer.alloc(MOST + 2)
  const length = Buffer.byteLength(value)
  if (length > MOST) return null
  bytes.write(value)
  bytes.writeUInt16BE(length, MOST)
  return bytes
}

/**
 * Knows the tokens of the callers. Answers which of them a text is (its place in the list), or −1. Every token is compared, in constant
 * time: how long it takes tells neither how many characters fit nor which token came near.
 */
export function createCallers(tokens: readonly string[]): (text: string) => number {
  const known = tokens.map((token, index) => {
    if (token.length < LEAST || /[^\x21-\x7e]/.test(token))
      throw misconfigured(`Caller token ${index} must be at least ${LEAST} visible ASCII characters.`)
    if (token.startsWith(ID_PREFIX))
      throw misconfigured(`Caller token ${index} must not begin with ${ID_PREFIX}, as session ids do.`)
    const bytes = padded(token)
    if (!bytes) throw misconfigured(`Caller token ${index} may have at most ${MOST} characters.`)
    return bytes
  })
  return (text) => {
    const given = padded(text)
    if (!given) return -1
    let found = -1
    for (const [index, token] of known.entries()) if (timingSafeEqual(token, given)) found = index
    return found
  }
}
