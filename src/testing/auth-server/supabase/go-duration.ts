const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** A duration as Go writes it, such as `24h` or `1h30m`, in ms; null if it is not one. */
export function parseGoDuration(text: string): number | null {
  if (text === '0') return 0
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|[smh])((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|[smh]))*$/.test(text)) return null
  let sum = 0
  for (const [, value = '0', unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|ms|[smh])/g)) {
    sum += Number(value) * (units[unit] ?? 0)
  }
  return text.startsWith('-') ? -sum : sum
}
