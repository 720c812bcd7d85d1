const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*/y

/** `'55m'`, `'1h 30m'`, `'500ms'`, or a number of ms, in ms. @throws TypeError for anything else. */
export function duration(text: string | number): number {
  if (typeof text === 'number') return text
  let sum = 0
  PART.lastIndex = 0
  while (PART.lastIndex < text.length) {
    const [, count, unit = ''] = PART.exec(text) ?? []
    if (count === undefined) throw new TypeError(`advance('${text}'): write a time as in '55m', '1h 30m' or '500ms'.`)
    sum += Number(count) * (UNITS[unit] ?? 0)
  }
  if (!text) throw new TypeError("advance(''): write a time as in '55m'.")
  return sum
}
