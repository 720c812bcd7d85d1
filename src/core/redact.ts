/** Keeps secrets out of what the kit shows. Servers and other people's code like to quote what they were given. */

/** A shorter piece of a secret tells nothing, and may be an ordinary word. */
const PIECE = 12
/** Whatever is shorter is no secret, or a hopeless one. */
const SHORTEST = 4

const decode = (text: string) =>
  text.replace(/(%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })

/**
 * Gives `text` back if it may be shown; undefined if it holds 12 characters in a row of one of `secrets`, or the whole of
 * one that has 4 to 11. Verbatim, percent-encoded (once or twice) and as in a form (`+` for a blank) are the same.
 * `secrets` may hold anything; what is not a string is none.
 */
export function redact(text: string | undefined, secrets: readonly unknown[]): string | undefined {
  const once = decode(text ?? '')
  const seen = [text, once, decode(once.replace(/\+/g, ' '))].join('\n')
  const shows = (secret: unknown) => {
    if (typeof secret !== 'string' || secret.length < SHORTEST) return false
    for (let at = 0; at === 0 || at + PIECE <= secret.length; at++)
      if (seen.includes(secret.slice(at, at + PIECE))) return true
    return false
  }
  return secrets.some(shows) ? undefined : text
}

/** The names of credentials that an error may quote: who wants to sign in. */
const PUBLIC = /mail|user|name|login|phone|ident/i

/** The texts in what somebody signs in with, however deep, but for addresses and names. */
export function secretsOf(credentials: unknown): string[] {
  const found: string[] = []
  try {
    JSON.stringify(credentials, (name, value) => {
      if (typeof value === 'string' && !PUBLIC.test(name)) found.push(value)
      return value
    })
  } catch {
    // Nothing that can be sent as JSON: what was found so far has to do.
  }
  return found
}
