const two = (n: number): string => String(n).padStart(2, '0')

/** A span of time: `4:05`, `1:00:00`, or days. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds >= 2 * 86_400) return `${Math.round(seconds / 86_400)} days`
  const minutes = Math.floor(seconds / 60)
  return seconds < 3_600
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** A moment as a clock shows it, with ms. */
export function moment(time: number): string {
  const date = new Date(time)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** Something a person is called by, as far as a user tells. */
export function personOf(user: unknown): string {
  const { name, display_name, email, preferred_username, username, id, sub } = (user ?? {}) as Record<string, unknown>
  const found = [name, display_name, email, preferred_username, username, id, sub].find(
    (each) => typeof each === 'string',
  )
  return (found as string | undefined) ?? 'somebody'
}
