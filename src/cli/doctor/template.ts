/** What stands for `{email}`, `{password}`, `{refresh}` and `{access}` in a body. */
export type Values = Readonly<Record<string, string | null>>

/** The body that a template makes: JSON, or `URLSearchParams` for a form. A member whose value is missing is left out. */
export function fill(template: string, values: Values): unknown {
  const put = (text: string): string | undefined => {
    let missing = false
    const filled = text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      if (!(name in values)) return whole
      missing ||= values[name] === null
      return values[name] ?? ''
    })
    return missing ? undefined : filled
  }
  if (/^\s*\{\s*["}]/.test(template))
    return JSON.parse(template, (_name, value) => (typeof value === 'string' ? put(value) : value))
  const pairs = [...new URLSearchParams(template)].flatMap(([name, value]) => {
    const filled = put(value)
    return filled === undefined ? [] : [[name, filled]]
  })
  return new URLSearchParams(pairs)
}
