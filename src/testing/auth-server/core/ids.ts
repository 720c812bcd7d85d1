/** Everything random that the server hands out, drawn from one injected source. */
export interface Ids {
  readonly uuid: () => string
  /** Twelve characters of a-z and 2-7, as Supabase's refresh tokens. */
  readonly refreshToken: () => string
  /** A long string without structure. */
  readonly opaque: () => string
  /** Six digits, as in a mail. */
  readonly code: () => string
  /** Key material. */
  readonly bytes: (count: number) => Uint8Array
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567'
const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const hex = '0123456789abcdef'
const goldenRatio = 0.618_033_988_749_895

/** No value comes twice, not even from a `random` that always gives the same number. */
export function createIds(random: () => number): Ids {
  const given = new Set<string>()

  function unique(make: (digit: (alphabet: string) => string) => string): string {
    for (let attempt = 0; ; attempt++) {
      let position = 0
      const value = make((alphabet) => {
        position += 1
        const drawn = attempt === 0 ? random() : (random() + attempt * position * goldenRatio) % 1
        return alphabet.charAt(Math.floor(drawn * alphabet.length))
      })
      if (given.has(value)) continue
      given.add(value)
      return value
    }
  }

  function times(count: number, digit: (alphabet: string) => string, alphabet: string): string {
    let text = ''
    for (let index = 0; index < count; index++) text += digit(alphabet)
    return text
  }

  return {
    uuid: () =>
      unique((digit) => {
        const part = (count: number): string => times(count, digit, hex)
        return `${part(8)}-${part(4)}-4${part(3)}-${digit('89ab')}${part(3)}-${part(12)}`
      }),
    refreshToken: () => unique((digit) => times(12, digit, base32)),
    opaque: () => unique((digit) => times(40, digit, base62)),
    code: () => unique((digit) => times(6, digit, '0123456789')),
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)),
  }
}
