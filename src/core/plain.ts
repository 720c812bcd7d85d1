/** What a storage can carry of a user: whatever JSON can. */

/** Whether JSON can carry it at all. */
export function storable(user: unknown): boolean {
  try {
    JSON.stringify(user)
    return true
  } catch {
    return false
  }
}

/** Whether what JSON brings back is the same: plain objects, lists, texts, numbers, and nothing else. */
export function comesBack(user: unknown): boolean {
  let plain = true
  try {
    JSON.stringify(user, function (this: Record<string, unknown>, key, value) {
      const raw = this[key]
      const kind = typeof raw
      const odd = kind === 'object' ? raw !== value : !['string', 'boolean', 'number', 'undefined'].includes(kind)
      if (odd) plain = false
      return value
    })
    return plain
  } catch {
    return false
  }
}
