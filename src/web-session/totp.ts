import { createHmac } from 'node:crypto'
import { misuse } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'

const STEP = 30_000
const DIGITS = 6
/** A code with less than this left (ms) is too old when it has been typed and sent. */
const TOO_SHORT = 3_000
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Decodes a TOTP secret (RFC 4648 section 6). @throws AuthError `misconfigured`; it does not quote the secret */
function secretBytes(secret: string): Buffer {
  const text = typeof secret === 'string' ? secret.replace(/[\s-]|=+$/g, '').toUpperCase() : ''
  if (text.length < 16 || !/^[A-Z2-7]+$/.test(text))
    misuse(
      'A TOTP secret is base32 text (A to Z, 2 to 7) of at least 16 characters, as the site shows it beside its QR code.',
    )
  let bits = 0
  let held = 0
  const bytes: number[] = []
  for (const letter of text) {
    held = (held << 5) | ALPHABET.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 255)
    held &= (1 << bits) - 1
  }
  return Buffer.from(bytes)
}

/** Which step of 30 s a time lies in. */
export const stepOf = (now: number): number => Math.floor(now / STEP)

/** The code of one step: 6 digits, HMAC-SHA-1 (RFC 6238, RFC 4226 section 5.3). */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', secretBytes(secret)).update(counter).digest()
  const offset = (hash[hash.length - 1] ?? 0) & 15
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0')
}

/**
 * The next code that a site may take: none twice (RFC 6238 section 5.2), and none that is about to end, so it may wait for up
 * to a minute. `use` is told the step before the code is given out: keep it, and hand it in as `last` the next time.
 */
export async function nextCode(
  secret: string,
  last: number | null,
  clock: Clock,
  use: (step: number) => void,
): Promise<string> {
  secretBytes(secret)
  for (;;) {
    const now = clock.now()
    const step = stepOf(now)
    const left = (step + 1) * STEP - now
    // A step that lies far ahead was noted under a clock that has been set back.
    const used = last !== null && step <= last && last - step < 10
    if (!used && left >= TOO_SHORT) {
      use(step)
      return totpCode(secret, step)
    }
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, left))
  }
}
