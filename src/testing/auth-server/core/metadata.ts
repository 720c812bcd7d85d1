import { isRecord } from './http.ts'

/** An object of any members, as Supabase Auth keeps it beside a user. */
export type Metadata = Readonly<Record<string, unknown>>

/** With the keys in order, on every level, as Go writes its maps. */
export function sorted(metadata: Metadata): Metadata {
  return Object.fromEntries(
    Object.keys(metadata)
      .sort()
      .map((key) => [key, sortedValue(metadata[key])]),
  )
}

/** The changes on top; a member that they set to null is gone. */
export function merged(metadata: Metadata, changes: Metadata): Metadata {
  const all = Object.entries({ ...metadata, ...changes })
  return sorted(Object.fromEntries(all.filter(([key]) => !(key in changes) || changes[key] !== null)))
}

function sortedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedValue)
  return isRecord(value) ? sorted(value) : value
}
